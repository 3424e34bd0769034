package io.lamina.fs.host;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** Where a file or a block device of the host has holes, and how to make them. */
public final class SparseFile implements Closeable {
  private final Libc libc = Libc.get();
  private final int fd;

  private SparseFile(Path path, boolean writable) throws IOException {
    fd = libc.openFile(Name.of(path.toAbsolutePath().toString()), writable);
  }

  /** To find holes. */
  public static SparseFile openReadOnly(Path path) throws IOException {
    return new SparseFile(path, false);
  }

  /** To make holes too. */
  public static SparseFile openWritable(Path path) throws IOException {
    return new SparseFile(path, true);
  }

  /**
   * The start of the next data at or after an offset; -1 where there is none. What cannot tell, a
   * block device say, has data everywhere.
   */
  public long nextData(long offset) throws IOException {
    try {
      return libc.nextData(fd, offset);
    } catch (FsException e) {
      if (cannot(e)) {
        return offset;
      }
      throw e;
    }
  }

  /** The end of the data at an offset; {@link Long#MAX_VALUE} where that cannot be told. */
  public long nextHole(long offset) throws IOException {
    try {
      long found = libc.nextHole(fd, offset);
      return found <= offset ? Long.MAX_VALUE : found;
    } catch (FsException e) {
      if (cannot(e)) {
        return Long.MAX_VALUE;
      }
      throw e;
    }
  }

  /**
   * Makes a range a hole.
   *
   * @return false where the file's own file system, or the device, cannot
   */
  public boolean punch(long offset, long byteCount) throws IOException {
    try {
      libc.punchHole(fd, offset, byteCount);
      return true;
    } catch (FsException e) {
      if (cannot(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean cannot(FsException e) {
    return e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENODEV || e.errno() == Errno.EINVAL;
  }

  @Override
  public void close() throws IOException {
    libc.close(fd);
  }
}
