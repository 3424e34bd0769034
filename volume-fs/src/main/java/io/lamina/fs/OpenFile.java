package io.lamina.fs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The content of a regular file, opened. Safe for use by many threads. */
public interface OpenFile extends Closeable {
  /** Its length in bytes. */
  long size() throws IOException;

  /**
   * Reads into the rest of a buffer, as much as there is: less than asked only at the end.
   *
   * @return how many bytes were read, 0 at or past the end
   */
  int read(long offset, ByteBuffer target) throws IOException;

  /**
   * The start of the next range that may hold something but zeroes, at or after {@code offset}; the
   * size where there is none. What {@code lseek} with {@code SEEK_DATA} finds.
   */
  long nextData(long offset) throws IOException;

  /**
   * The start of the next hole at or after {@code offset}, the end of the file counting as one.
   * What {@code lseek} with {@code SEEK_HOLE} finds.
   */
  long nextHole(long offset) throws IOException;

  @Override
  void close() throws IOException;
}
