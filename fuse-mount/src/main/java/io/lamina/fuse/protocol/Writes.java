package io.lamina.fuse.protocol;

import io.lamina.fs.FsException;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes as {@code write(2)} tells of them. */
public final class Writes {
  private Writes() {}

  /**
   * Writes the rest of a buffer.
   *
   * @return how much was written: less than all where the rest met an error, which the next write
   *     will meet again
   */
  public static int write(WritableFile file, long offset, ByteBuffer source) throws IOException {
    int start = source.position();
    try {
      file.write(offset, source);
    } catch (FsException e) {
      if (source.position() == start) {
        throw e;
      }
    }
    return source.position() - start;
  }
}
