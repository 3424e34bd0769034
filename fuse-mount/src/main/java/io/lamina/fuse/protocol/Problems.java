package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever was thrown into the number that the kernel gets, and a line for people. */
public final class Problems {
  private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

  /**
   * The errno of an exception. What POSIX has a name for is an answer and is not logged; all else
   * is EIO and one line that says what was done to which file, and what went wrong there.
   */
  public int errnoOf(String operation, Object about, Throwable thrown) {
    if (thrown instanceof FsException named) {
      return named.errno().code();
    }
    try {
      tell(operation, about, thrown);
    } catch (OutOfMemoryError e) {
      // There is not even room for a line; an answer there must be.
    }
    return Errno.EIO.code();
  }

  private static void tell(String operation, Object about, Throwable thrown) {
    if (thrown instanceof OutOfMemoryError) {
      LOG.error("{} of {}: out of memory: {}", operation, about, thrown.getMessage());
    } else if (thrown instanceof RuntimeException || thrown instanceof Error) {
      LOG.error("{} of {}: a bug: {}", operation, about, thrown, thrown);
    } else {
      LOG.error("{} of {}: {}", operation, about, thrown.getMessage());
    }
  }
}
