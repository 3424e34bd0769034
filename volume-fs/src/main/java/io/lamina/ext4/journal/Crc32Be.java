package io.lamina.ext4.journal;

import java.nio.ByteBuffer;

/**
 * CRC-32 as the kernel's {@code crc32_be()} computes it: the highest bit first, any start value, no
 * inversion. The JDK's own takes the lowest bit first.
 */
final class Crc32Be {
  private static final int POLYNOMIAL = 0x04c11db7;
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      int state = i << 24;
      for (int bit = 0; bit < Byte.SIZE; bit++) {
        state = (state << 1) ^ (POLYNOMIAL & (state >> 31));
      }
      TABLE[i] = state;
    }
  }

  private Crc32Be() {}

  /** The checksum of all of a buffer, whatever its position, going on from {@code start}. */
  static int of(int start, ByteBuffer buffer) {
    int state = start;
    for (int i = 0; i < buffer.capacity(); i++) {
      state = (state << Byte.SIZE) ^ TABLE[(state >>> 24) ^ (buffer.get(i) & 0xff)];
    }
    return state;
  }
}
