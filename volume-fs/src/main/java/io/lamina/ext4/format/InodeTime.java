package io.lamina.ext4.format;

/**
 * Times of an inode: 32 signed bits of seconds, and, where the inode has room, two bits of epoch
 * and thirty of nanoseconds. From 1901 to 2446.
 */
public final class InodeTime {
  private static final int EPOCH_BITS = 2;
  private static final int EPOCH_MASK = 3;
  private static final int LAST_NANO = 999_999_999;

  private InodeTime() {}

  /** Seconds since 1970. */
  public static long seconds(int seconds, int extra) {
    return seconds + ((long) (extra & EPOCH_MASK) << Integer.SIZE);
  }

  /** Nanoseconds; thirty bits could say a little more than a second, which is cut. */
  public static int nanos(int extra) {
    return Math.min(extra >>> EPOCH_BITS, LAST_NANO);
  }

  /** The extra field of a time: its epoch and nanoseconds. */
  static int extra(long seconds, int nanos) {
    int epoch = (int) ((seconds - (int) seconds) >> Integer.SIZE) & EPOCH_MASK;
    return nanos << EPOCH_BITS | epoch;
  }
}
