package io.lamina.ext4.format;

import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;

/**
 * What the table of block groups says of one group.
 *
 * @param inodeTableBlockNr where its part of the inode table starts
 * @param freeClusterCount free clusters of the group
 * @param freeInodeCount free inodes of the group
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/group_descr.html">Block
 *     group descriptors</a>
 */
public record GroupDescriptor(long inodeTableBlockNr, long freeClusterCount, long freeInodeCount) {
  private static final Layout LAYOUT = Layout.littleEndian("ext4 group descriptor");

  static {
    LAYOUT.unused("bg_block_bitmap_lo, bg_inode_bitmap_lo", 0x0, 8);
  }

  private static final Layout.U32 INODE_TABLE_LO = LAYOUT.u32("bg_inode_table_lo", 0x8);
  private static final Layout.U16 FREE_BLOCKS_LO = LAYOUT.u16("bg_free_blocks_count_lo", 0xc);
  private static final Layout.U16 FREE_INODES_LO = LAYOUT.u16("bg_free_inodes_count_lo", 0xe);

  static {
    LAYOUT.unused("bg_used_dirs_count_lo, bg_flags, bg_exclude_bitmap_lo", 0x10, 8);
    LAYOUT.unused("bg_block_bitmap_csum_lo, bg_inode_bitmap_csum_lo, bg_itable_unused", 0x18, 6);
  }

  /** Its checksum, 16 bits; the checksum covers what lies before and after it. */
  static final Layout.U16 CHECKSUM = LAYOUT.u16("bg_checksum", 0x1e);

  static {
    LAYOUT.unused("bg_block_bitmap_hi, bg_inode_bitmap_hi", 0x20, 8);
  }

  private static final Layout.U32 INODE_TABLE_HI = LAYOUT.u32("bg_inode_table_hi", 0x28);
  private static final Layout.U16 FREE_BLOCKS_HI = LAYOUT.u16("bg_free_blocks_count_hi", 0x2c);
  private static final Layout.U16 FREE_INODES_HI = LAYOUT.u16("bg_free_inodes_count_hi", 0x2e);

  static {
    LAYOUT.unused("bg_used_dirs_count_hi ... bg_reserved", 0x30, 16);
  }

  /** Its size with 64bit; more of a larger one means nothing yet. */
  public static final int BYTES = LAYOUT.size(64);

  /** Its size without 64bit. */
  public static final int GOOD_OLD_BYTES = 32;

  static final int CHECKSUM_OFFSET = 0x1e;

  /**
   * Reads one.
   *
   * @param descriptorBytes its size, 32 or at least 64
   */
  public static GroupDescriptor of(ByteBuffer bytes, int base, int descriptorBytes) {
    boolean wide = descriptorBytes >= BYTES;
    long table = INODE_TABLE_LO.get(bytes, base);
    long freeClusters = FREE_BLOCKS_LO.get(bytes, base);
    long freeInodes = FREE_INODES_LO.get(bytes, base);
    if (wide) {
      table |= INODE_TABLE_HI.get(bytes, base) << Integer.SIZE;
      freeClusters |= (long) FREE_BLOCKS_HI.get(bytes, base) << Short.SIZE;
      freeInodes |= (long) FREE_INODES_HI.get(bytes, base) << Short.SIZE;
    }
    return new GroupDescriptor(table, freeClusters, freeInodes);
  }

  /** The checksum that is stored in one. */
  public static int storedChecksum(ByteBuffer bytes, int base) {
    return CHECKSUM.get(bytes, base);
  }
}
