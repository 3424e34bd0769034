package io.lamina.thin;

import java.util.stream.LongStream;

/** The seeds that random tests play with: {@code -Dlamina.seeds=5000} for a long night. */
final class Seeds {
  private Seeds() {}

  static LongStream all() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 5));
  }

  /** Fewer by default, for tests that take long. */
  static LongStream some(long usual) {
    long asked = Long.getLong("lamina.seeds", 5);
    return LongStream.range(0, asked == 5 ? usual : asked);
  }
}
