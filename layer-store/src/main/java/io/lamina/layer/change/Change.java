package io.lamina.layer.change;

import io.lamina.fs.Name;

/**
 * One file that a layer changed.
 *
 * @param kind what became of it
 * @param path absolute; of a whole directory that is gone, the directory's only
 */
public record Change(Kind kind, Name path) {
  /** What became of a file, with docker's letters. */
  public enum Kind {
    /** It is there now. */
    ADDED('A'),
    /** It, or in a directory something, is different now. */
    CHANGED('C'),
    /** It is gone. */
    DELETED('D');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    /** As {@code docker diff} has it. */
    public char letter() {
      return letter;
    }
  }
}
