package io.lamina.block;

import java.io.IOException;

/** Whether a range lies within a device. */
final class Ranges {
  private Ranges() {}

  static void check(BlockDevice device, long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > device.size() - length) {
      throw new IOException(
          device.name()
              + ": "
              + length
              + " bytes at "
              + Long.toUnsignedString(offset)
              + " lie beyond its end at "
              + device.size());
    }
  }
}
