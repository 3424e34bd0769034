package io.lamina.thin;

/**
 * Where a virtual block lives: 40 bits of data block number over 24 bits of pool time.
 *
 * @param dataBlockNr the data block
 * @param time pool time when it was mapped
 */
public record Mapping(long dataBlockNr, int time) {
  private static final int TIME_BITS = 24;

  /** Reads one as the mapping tree stores it. */
  public static Mapping unpack(long value) {
    return new Mapping(dataBlockNr(value), time(value));
  }

  /** As the mapping tree stores it. */
  public long pack() {
    return dataBlockNr << TIME_BITS | time;
  }

  /** The data block of a packed one. */
  public static long dataBlockNr(long value) {
    return value >>> TIME_BITS;
  }

  /** The time of a packed one. */
  public static int time(long value) {
    return (int) value & ((1 << TIME_BITS) - 1);
  }

  /** Older than the device's last snapshot: that snapshot may hold the block too. */
  public boolean isSharedBy(DeviceDetails device) {
    return device.snapshottedTime() > time;
  }
}
