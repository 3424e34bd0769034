package io.lamina.fs.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A descriptor that names a file ({@code O_PATH}), shared by who uses it at the moment and by who
 * keeps it for later; closed when all have let go.
 */
final class Locator implements AutoCloseable {
  private final int fd;
  private final AtomicInteger users = new AtomicInteger(1);

  /** Takes over a descriptor, with one user. */
  Locator(int fd) {
    this.fd = fd;
  }

  int fd() {
    return fd;
  }

  /** One user more; false when all had let go already. */
  boolean use() {
    int count = users.get();
    while (count > 0) {
      if (users.compareAndSet(count, count + 1)) {
        return true;
      }
      count = users.get();
    }
    return false;
  }

  /** One user less. */
  @Override
  public void close() {
    if (users.decrementAndGet() == 0) {
      try {
        TreeCalls.get().close(fd);
      } catch (IOException e) {
        throw new UncheckedIOException(e); // nothing was written through it: a bug of ours
      }
    }
  }
}
