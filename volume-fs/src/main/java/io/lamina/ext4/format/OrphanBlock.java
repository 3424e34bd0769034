package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;

/**
 * A block of the orphan file: numbers of inodes, 0 where a place is free, and a tail.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/orphan.html">Orphan
 *     file</a>
 */
public final class OrphanBlock {
  private static final Layout SLOT = Layout.littleEndian("ext4 orphan");
  private static final Layout.U32 INODE = SLOT.u32("ob_data", 0);
  private static final int SLOT_BYTES = SLOT.size(4);

  private static final Layout TAIL = Layout.littleEndian("ext4 orphan file block's tail");
  private static final Layout.U32 MAGIC = TAIL.u32("ob_magic", 0);
  private static final Layout.U32 CHECKSUM = TAIL.u32("ob_checksum", 4);
  private static final int TAIL_BYTES = TAIL.size(8);

  private static final int MAGIC_VALUE = 0x0b10ca04;

  private OrphanBlock() {}

  /** How many inodes a block can hold. */
  public static int slotCount(int blockBytes) {
    return (blockBytes - TAIL_BYTES) / SLOT_BYTES;
  }

  /** The inode at one place, 0 where it is free. */
  public static long inodeNr(ByteBuffer block, int slot) {
    return INODE.get(block, slot * SLOT_BYTES);
  }

  /** Puts an inode's number, or 0, at one place. */
  public static void put(ByteBuffer block, int slot, long inodeNr) {
    INODE.put(block, slot * SLOT_BYTES, inodeNr);
  }

  /**
   * Checks its tail.
   *
   * @param inodeSeed that of the orphan file's inode
   */
  public static void verify(ByteBuffer block, Checksums checksums, int inodeSeed, Site site)
      throws CorruptException {
    int tail = block.capacity() - TAIL_BYTES;
    if (MAGIC.bits(block, tail) != MAGIC_VALUE) {
      throw site.damage("ob_magic", MAGIC_VALUE, MAGIC.get(block, tail));
    }
    int computed = checksum(block, checksums, inodeSeed, site.blockNr());
    int stored = CHECKSUM.bits(block, tail);
    if (checksums.isOn() && computed != stored) {
      throw site.badChecksum(computed, stored);
    }
  }

  /** Puts the checksum in. */
  public static void seal(ByteBuffer block, Checksums checksums, int inodeSeed, long blockNr) {
    if (checksums.isOn()) {
      int checksum = checksum(block, checksums, inodeSeed, blockNr);
      CHECKSUM.put(block, block.capacity() - TAIL_BYTES, checksum);
    }
  }

  private static int checksum(ByteBuffer block, Checksums checksums, int inodeSeed, long blockNr) {
    return checksums.ofNumbered(
        block, slotCount(block.capacity()) * SLOT_BYTES, inodeSeed, blockNr);
  }
}
