package io.lamina.mount;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Numbers for what lies in no volume. They start above what 24 bits of device id and 32 bits of
 * inode number make.
 */
final class InodeNumbers {
  private static final long FIRST = 1L << 56;

  /** Where those start that lie beside a pool's in one mount. */
  private static final long FIRST_BESIDE = 1L << 57;

  private final AtomicLong next;

  InodeNumbers() {
    this(FIRST);
  }

  private InodeNumbers(long first) {
    next = new AtomicLong(first);
  }

  /** Numbers that none of a pool's own tree has. */
  static InodeNumbers besideAPool() {
    return new InodeNumbers(FIRST_BESIDE);
  }

  long next() {
    return next.getAndIncrement();
  }

  /** What is added to the numbers of a volume's files to tell them from another volume's. */
  static long baseOf(int deviceId) {
    return (long) deviceId << Integer.SIZE;
  }
}
