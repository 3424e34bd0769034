package io.lamina.mount;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The numbers that a mount shows. Those for what lies in no volume start above what 24 bits of
 * device id and 32 bits of inode number make; those of layers put together lie above all others.
 */
final class InodeNumbers {
  private static final long FIRST = 1L << 56;

  /** Where those start that lie beside a pool's in one mount. */
  private static final long FIRST_BESIDE = 1L << 57;

  private static final long FIRST_OF_LAYERS = 1L << 62;

  /** Bits of a number within layers put together: of a branch and of an inode. */
  private static final int LAYERS_SHIFT = 44;

  private static final long LAYERS_MASK = (1L << (62 - LAYERS_SHIFT)) - 1;

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

  /**
   * What is added to the numbers of one tree of layers to tell them from another's: a file that is
   * changed in one container keeps the number that it has in another, and its links.
   *
   * @param serial which tree, counted in this mount
   */
  static long baseOfLayers(long serial) {
    return FIRST_OF_LAYERS + ((serial & LAYERS_MASK) << LAYERS_SHIFT);
  }
}
