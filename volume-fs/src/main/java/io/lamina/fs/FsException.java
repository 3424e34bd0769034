package io.lamina.fs;

import java.io.IOException;

/** Something that POSIX has a name for. */
public final class FsException extends IOException {
  private final Errno errno;

  /** An error about one thing, named in the message: a path, a name, an attribute. */
  public FsException(Errno errno, String about) {
    super(about + ": " + errno);
    this.errno = errno;
  }

  /** The name. */
  public Errno errno() {
    return errno;
  }

  /** Thrown for each missing name, often: it says enough without a stack. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
