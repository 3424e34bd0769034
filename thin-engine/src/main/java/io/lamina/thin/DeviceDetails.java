package io.lamina.thin;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U64;
import java.nio.ByteBuffer;

/**
 * One thin device, as the details tree stores it.
 *
 * @param mappedBlocks data blocks mapped by this device, shared ones included
 * @param createdIn transaction that created the device
 * @param creationTime pool time at creation, in snapshots taken so far
 * @param snapshottedTime pool time of the last snapshot taken of it
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     dm-thin-metadata.c">struct disk_device_details</a>
 */
public record DeviceDetails(
    long mappedBlocks, long createdIn, int creationTime, int snapshottedTime) {
  private static final Layout LAYOUT = Layout.littleEndian("disk_device_details");
  private static final U64 MAPPED_BLOCKS = LAYOUT.u64("mapped_blocks", 0);
  private static final U64 TRANSACTION_ID = LAYOUT.u64("transaction_id", 8);
  private static final U32 CREATION_TIME = LAYOUT.u32("creation_time", 16);
  private static final U32 SNAPSHOTTED_TIME = LAYOUT.u32("snapshotted_time", 20);

  /** Its size. */
  public static final int BYTES = LAYOUT.size(24);

  /** Reads one. */
  public static DeviceDetails get(ByteBuffer bytes, int base) {
    return new DeviceDetails(
        MAPPED_BLOCKS.get(bytes, base),
        TRANSACTION_ID.get(bytes, base),
        CREATION_TIME.bits(bytes, base),
        SNAPSHOTTED_TIME.bits(bytes, base));
  }

  /** Writes it. */
  public void put(ByteBuffer bytes, int base) {
    MAPPED_BLOCKS.put(bytes, base, mappedBlocks);
    TRANSACTION_ID.put(bytes, base, createdIn);
    CREATION_TIME.put(bytes, base, creationTime);
    SNAPSHOTTED_TIME.put(bytes, base, snapshottedTime);
  }

  /**
   * The same of a device that is being deleted: no other can look as if it was snapshotted before
   * it was created.
   *
   * @param time the pool's, above 0
   */
  DeviceDetails going(int time) {
    return new DeviceDetails(mappedBlocks, createdIn, time, 0);
  }

  /** Whether it is being deleted: nobody is to see it, and what is left of it is to be dropped. */
  boolean isGoing() {
    return Integer.compareUnsigned(snapshottedTime, creationTime) < 0;
  }
}
