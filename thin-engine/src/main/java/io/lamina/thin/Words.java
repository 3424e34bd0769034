package io.lamina.thin;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Values of eight bytes, as trees store them. */
final class Words {
  private Words() {}

  static byte[] bytes(long value) {
    byte[] bytes = new byte[Long.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
    return bytes;
  }

  static long get(ByteBuffer bytes, int offset) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong(offset);
  }
}
