package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The open files, under the numbers that the kernel holds for them. For many threads. */
public final class Handles {
  private final ConcurrentHashMap<Long, OpenFile> openFiles = new ConcurrentHashMap<>();
  private final AtomicLong lastHandle = new AtomicLong();

  /** Keeps a file, and gives its number. */
  public long add(OpenFile file) {
    long handle = lastHandle.incrementAndGet();
    openFiles.put(handle, file);
    return handle;
  }

  /**
   * The file of a number.
   *
   * @throws FsException EBADF where there is none
   */
  public OpenFile get(long handle) throws FsException {
    OpenFile file = openFiles.get(handle);
    if (file == null) {
      throw new FsException(Errno.EBADF, "handle " + handle);
    }
    return file;
  }

  /** Closes a file. */
  public void close(long handle) throws IOException {
    OpenFile file = openFiles.remove(handle);
    if (file != null) {
      file.close();
    }
  }

  /** Closes what is still open, when nobody will ask any more. */
  public void closeAll() {
    for (Long handle : openFiles.keySet()) {
      try {
        close(handle);
      } catch (IOException e) {
        // Nobody is left to be told; a file that was only read loses nothing.
      }
    }
  }
}
