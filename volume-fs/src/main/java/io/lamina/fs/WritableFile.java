package io.lamina.fs;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The content of a regular file, opened for reading and writing. Safe for use by many threads. */
public interface WritableFile extends OpenFile {
  /** The file itself: what a file with no name is known by. */
  Node node();

  /**
   * Writes the rest of a buffer; its position ends at its limit. Past the end the file grows, with
   * a hole where nothing was written.
   *
   * @throws FsException ENOSPC when there is no room: nothing is written then, or the position of
   *     the buffer tells how much was; EFBIG
   */
  void write(long offset, ByteBuffer source) throws IOException;

  /**
   * Writes the rest of a buffer at the end of the file, wherever that is by then.
   *
   * @return the offset it was written at
   */
  long append(ByteBuffer source) throws IOException;

  /** Cuts the file off or makes it longer, as {@link AttributeChange#withSize} does. */
  void truncate(long size) throws IOException;

  /**
   * Makes room for a range, or gives it back.
   *
   * @throws FsException ENOSPC, EFBIG, EOPNOTSUPP for what this file cannot
   */
  void allocate(long offset, long length, AllocationMode mode) throws IOException;

  /**
   * Returns when what was written so far outlives a power cut.
   *
   * @param dataOnly what {@code fdatasync} does: times need not
   */
  void sync(boolean dataOnly) throws IOException;
}
