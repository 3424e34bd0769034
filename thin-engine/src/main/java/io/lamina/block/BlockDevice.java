package io.lamina.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes at offsets, of a fixed length at any one time: a file, a block device, a thin volume.
 *
 * <p>Safe for use by many threads.
 */
public interface BlockDevice extends Closeable {
  /** Its length in bytes. */
  long size();

  /**
   * Fills the rest of a buffer with the bytes at {@code offset}; the buffer's position ends at its
   * limit.
   *
   * @throws IOException when the range does not lie within the device, or cannot be read; the
   *     message names the device and the offset
   */
  void read(long offset, ByteBuffer target) throws IOException;

  /**
   * The start of the next range that may hold something but zeroes, at or after {@code offset}; the
   * size of the device where there is none.
   */
  default long nextData(long offset) throws IOException {
    return Math.min(offset, size());
  }

  /**
   * The end of the range of data that {@code offset} lies in, at the most the size of the device.
   * What lies between it and the next data reads as zeroes.
   */
  default long nextHole(long offset) throws IOException {
    return size();
  }

  /** What to call it in a message: the path of a file, the name of a volume. */
  String name();
}
