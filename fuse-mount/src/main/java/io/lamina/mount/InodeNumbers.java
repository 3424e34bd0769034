package io.lamina.mount;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers for what lies in no volume. They start above what 24 bits of device id and 32 bits of
 * inode number make.
 */
final class InodeNumbers {
  private static final long FIRST = 1L << 56;

  private final AtomicLong next = new AtomicLong(FIRST);

  long next() {
    return next.getAndIncrement();
  }

  /** What is added to the numbers of a volume's files to tell them from another volume's. */
  static long baseOf(int deviceId) {
    return (long) deviceId << Integer.SIZE;
  }
}
