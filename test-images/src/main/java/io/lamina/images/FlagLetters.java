package io.lamina.images;

/**
 * The letters that lsattr prints for the bits of {@code FS_IOC_GETFLAGS}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man1/chattr.1.html">chattr(1)</a>
 */
final class FlagLetters {
  private static final String LETTERS = "sucSiadAEIjtDTeVCxNPFm";
  private static final int[] BITS = {
    0x1,
    0x2,
    0x4,
    0x8,
    0x10,
    0x20,
    0x40,
    0x80,
    0x800,
    0x1000,
    0x4000,
    0x8000,
    0x10000,
    0x20000,
    0x80000,
    0x100000,
    0x800000,
    0x2000000,
    0x10000000,
    0x20000000,
    0x40000000,
    0x400
  };

  private FlagLetters() {}

  static int parse(String letters) {
    int flags = 0;
    for (int i = 0; i < letters.length(); i++) {
      if (letters.charAt(i) != '-') {
        int index = LETTERS.indexOf(letters.charAt(i));
        if (index < 0) {
          throw new IllegalArgumentException("a flag of no known letter: " + letters);
        }
        flags |= BITS[index];
      }
    }
    return flags;
  }
}
