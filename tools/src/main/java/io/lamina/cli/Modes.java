package io.lamina.cli;

import io.lamina.fs.Attributes;

/** File modes as {@code ls} writes them. */
final class Modes {
  private static final int SET_USER_ID = 04000;
  private static final int SET_GROUP_ID = 02000;
  private static final int STICKY = 01000;

  private Modes() {}

  /** Ten characters: the type, and three times three permissions. */
  static String of(Attributes attributes) {
    int bits = attributes.permissions();
    StringBuilder mode = new StringBuilder(10);
    mode.append(
        switch (attributes.type()) {
          case FIFO -> 'p';
          case CHARACTER_DEVICE -> 'c';
          case DIRECTORY -> 'd';
          case BLOCK_DEVICE -> 'b';
          case REGULAR -> '-';
          case SYMLINK -> 'l';
          case SOCKET -> 's';
        });
    for (int shift = 6; shift >= 0; shift -= 3) {
      mode.append((bits >> shift & 4) != 0 ? 'r' : '-');
      mode.append((bits >> shift & 2) != 0 ? 'w' : '-');
      mode.append((bits >> shift & 1) != 0 ? 'x' : '-');
    }
    special(mode, 3, bits & SET_USER_ID, 's');
    special(mode, 6, bits & SET_GROUP_ID, 's');
    special(mode, 9, bits & STICKY, 't');
    return mode.toString();
  }

  private static void special(StringBuilder mode, int index, int bit, char letter) {
    if (bit != 0) {
      boolean executable = mode.charAt(index) == 'x';
      mode.setCharAt(index, executable ? letter : Character.toUpperCase(letter));
    }
  }
}
