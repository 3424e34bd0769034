package io.lamina.fuse.protocol;

import io.lamina.fs.FsException;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes as {@code write(2)} tells of them. */
public final class Writes {
  private static final int O_DSYNC = 010000;
  private static final int O_SYNC = 04010000;

  private Writes() {}

  /**
   * Writes the rest of a buffer, and makes it durable where the file was opened for that.
   *
   * @param flags of {@code open(2)}
   * @return how much was written: less than all where the rest met an error, which the next write
   *     will meet again
   */
  public static int write(WritableFile file, long offset, ByteBuffer source, int flags)
      throws IOException {
    int start = source.position();
    try {
      file.write(offset, source);
    } catch (FsException e) {
      if (source.position() == start) {
        throw e;
      }
    }
    if ((flags & O_DSYNC) != 0) {
      file.sync((flags & O_SYNC) != O_SYNC);
    }
    return source.position() - start;
  }
}
