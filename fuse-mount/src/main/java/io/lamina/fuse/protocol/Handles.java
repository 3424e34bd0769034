package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open files, under the numbers that the kernel holds for them. For many threads. */
public final class Handles {
  private static final Logger LOG = LoggerFactory.getLogger(Handles.class);

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

  /**
   * The same, to be written to.
   *
   * @throws FsException EBADF also where it was opened for reading alone
   */
  public WritableFile getWritable(long handle) throws FsException {
    if (get(handle) instanceof WritableFile file) {
      return file;
    }
    throw new FsException(Errno.EBADF, "handle " + handle + " is for reading");
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
        LOG.error("closing what was still open: {}", e.getMessage());
      }
    }
  }
}
