package io.lamina.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Zero bytes, for buffers and devices. */
public final class Zeroes {
  private static final int BYTES = 1 << 16;
  private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(BYTES).asReadOnlyBuffer();

  private Zeroes() {}

  /** Puts {@code length} zeroes into a buffer. */
  public static void put(ByteBuffer target, int length) {
    int left = length;
    while (left > 0) {
      int count = Math.min(left, BYTES);
      target.put(target.position(), ZEROES, 0, count);
      target.position(target.position() + count);
      left -= count;
    }
  }

  /** Writes {@code length} zeroes to a device. */
  public static void write(WritableDevice device, long offset, long length) throws IOException {
    long position = offset;
    long left = length;
    while (left > 0) {
      int count = (int) Math.min(left, BYTES);
      device.write(position, ZEROES.duplicate().limit(count));
      position += count;
      left -= count;
    }
  }
}
