package io.lamina.ext4.format;

import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;

/**
 * What the table of block groups says of one group: a view of its bytes, which change with it.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/group_descr.html">Block
 *     group descriptors</a>
 */
public final class GroupDescriptor {
  private static final Layout LAYOUT = Layout.littleEndian("ext4 group descriptor");
  private static final Layout.U32 BLOCK_BITMAP_LO = LAYOUT.u32("bg_block_bitmap_lo", 0x0);
  private static final Layout.U32 INODE_BITMAP_LO = LAYOUT.u32("bg_inode_bitmap_lo", 0x4);
  private static final Layout.U32 INODE_TABLE_LO = LAYOUT.u32("bg_inode_table_lo", 0x8);
  private static final Layout.U16 FREE_BLOCKS_LO = LAYOUT.u16("bg_free_blocks_count_lo", 0xc);
  private static final Layout.U16 FREE_INODES_LO = LAYOUT.u16("bg_free_inodes_count_lo", 0xe);
  private static final Layout.U16 USED_DIRS_LO = LAYOUT.u16("bg_used_dirs_count_lo", 0x10);
  private static final Layout.U16 FLAGS = LAYOUT.u16("bg_flags", 0x12);

  static {
    LAYOUT.unused("bg_exclude_bitmap_lo", 0x14, 4);
  }

  private static final Layout.U16 BLOCK_CSUM_LO = LAYOUT.u16("bg_block_bitmap_csum_lo", 0x18);
  private static final Layout.U16 INODE_CSUM_LO = LAYOUT.u16("bg_inode_bitmap_csum_lo", 0x1a);
  private static final Layout.U16 ITABLE_UNUSED_LO = LAYOUT.u16("bg_itable_unused_lo", 0x1c);

  /** Its checksum, 16 bits; the checksum covers what lies before and after it. */
  static final Layout.U16 CHECKSUM = LAYOUT.u16("bg_checksum", 0x1e);

  private static final Layout.U32 BLOCK_BITMAP_HI = LAYOUT.u32("bg_block_bitmap_hi", 0x20);
  private static final Layout.U32 INODE_BITMAP_HI = LAYOUT.u32("bg_inode_bitmap_hi", 0x24);
  private static final Layout.U32 INODE_TABLE_HI = LAYOUT.u32("bg_inode_table_hi", 0x28);
  private static final Layout.U16 FREE_BLOCKS_HI = LAYOUT.u16("bg_free_blocks_count_hi", 0x2c);
  private static final Layout.U16 FREE_INODES_HI = LAYOUT.u16("bg_free_inodes_count_hi", 0x2e);
  private static final Layout.U16 USED_DIRS_HI = LAYOUT.u16("bg_used_dirs_count_hi", 0x30);
  private static final Layout.U16 ITABLE_UNUSED_HI = LAYOUT.u16("bg_itable_unused_hi", 0x32);

  static {
    LAYOUT.unused("bg_exclude_bitmap_hi", 0x34, 4);
  }

  private static final Layout.U16 BLOCK_CSUM_HI = LAYOUT.u16("bg_block_bitmap_csum_hi", 0x38);
  private static final Layout.U16 INODE_CSUM_HI = LAYOUT.u16("bg_inode_bitmap_csum_hi", 0x3a);

  static {
    LAYOUT.unused("bg_reserved", 0x3c, 4);
  }

  /** Its size with 64bit; more of a larger one means nothing yet. */
  public static final int BYTES = LAYOUT.size(64);

  /** Its size without 64bit. */
  public static final int GOOD_OLD_BYTES = 32;

  static final int CHECKSUM_OFFSET = 0x1e;

  /** The inode table and bitmap are not initialised: no inode is in use. */
  public static final int INODE_UNINIT = 0x1;

  /** The block bitmap is not initialised: only the group's own structures take blocks. */
  public static final int BLOCK_UNINIT = 0x2;

  private final ByteBuffer bytes;
  private final int base;
  private final boolean wide;

  private GroupDescriptor(ByteBuffer bytes, int base, boolean wide) {
    this.bytes = bytes;
    this.base = base;
    this.wide = wide;
  }

  /**
   * One that lies in a block of the table.
   *
   * @param descriptorBytes its size, 32 or at least 64
   */
  public static GroupDescriptor of(ByteBuffer bytes, int base, int descriptorBytes) {
    return new GroupDescriptor(bytes, base, descriptorBytes >= BYTES);
  }

  /** Where the bitmap of its clusters lies. */
  public long blockBitmapBlockNr() {
    return number(BLOCK_BITMAP_LO, BLOCK_BITMAP_HI);
  }

  /** Where the bitmap of its inodes lies. */
  public long inodeBitmapBlockNr() {
    return number(INODE_BITMAP_LO, INODE_BITMAP_HI);
  }

  /** Where its part of the inode table starts. */
  public long inodeTableBlockNr() {
    return number(INODE_TABLE_LO, INODE_TABLE_HI);
  }

  /** Free clusters of the group. */
  public long freeClusterCount() {
    return number(FREE_BLOCKS_LO, FREE_BLOCKS_HI);
  }

  /** Free inodes of the group. */
  public long freeInodeCount() {
    return number(FREE_INODES_LO, FREE_INODES_HI);
  }

  /** Directories whose inode lies in the group. */
  public long directoryCount() {
    return number(USED_DIRS_LO, USED_DIRS_HI);
  }

  /** Inodes at the end of its table that were never used. */
  public long unusedInodeCount() {
    return number(ITABLE_UNUSED_LO, ITABLE_UNUSED_HI);
  }

  /** Whether a flag is set: {@link #INODE_UNINIT}, {@link #BLOCK_UNINIT}. */
  public boolean has(int flag) {
    return (FLAGS.get(bytes, base) & flag) != 0;
  }

  /** Clears a flag. */
  public void clear(int flag) {
    FLAGS.put(bytes, base, FLAGS.get(bytes, base) & ~flag);
  }

  /** The stored checksum of the bitmap of clusters, 32 bits or the lower 16. */
  public int blockBitmapChecksum() {
    return (int) number(BLOCK_CSUM_LO, BLOCK_CSUM_HI);
  }

  /** The stored checksum of the bitmap of inodes, 32 bits or the lower 16. */
  public int inodeBitmapChecksum() {
    return (int) number(INODE_CSUM_LO, INODE_CSUM_HI);
  }

  /** Whether checksums of bitmaps have 32 bits. */
  public boolean isWide() {
    return wide;
  }

  /** Sets {@link #freeClusterCount}. */
  public void setFreeClusterCount(long count) {
    put(FREE_BLOCKS_LO, FREE_BLOCKS_HI, count);
  }

  /** Sets {@link #freeInodeCount}. */
  public void setFreeInodeCount(long count) {
    put(FREE_INODES_LO, FREE_INODES_HI, count);
  }

  /** Sets {@link #directoryCount}. */
  public void setDirectoryCount(long count) {
    put(USED_DIRS_LO, USED_DIRS_HI, count);
  }

  /** Sets {@link #unusedInodeCount}. */
  public void setUnusedInodeCount(long count) {
    put(ITABLE_UNUSED_LO, ITABLE_UNUSED_HI, count);
  }

  /** Sets {@link #blockBitmapChecksum}. */
  public void setBlockBitmapChecksum(int checksum) {
    put(BLOCK_CSUM_LO, BLOCK_CSUM_HI, checksum);
  }

  /** Sets {@link #inodeBitmapChecksum}. */
  public void setInodeBitmapChecksum(int checksum) {
    put(INODE_CSUM_LO, INODE_CSUM_HI, checksum);
  }

  private long number(Layout.U32 low, Layout.U32 high) {
    long number = low.get(bytes, base);
    return wide ? number | high.get(bytes, base) << Integer.SIZE : number;
  }

  private long number(Layout.U16 low, Layout.U16 high) {
    long number = low.get(bytes, base);
    return wide ? number | (long) high.get(bytes, base) << Short.SIZE : number;
  }

  private void put(Layout.U16 low, Layout.U16 high, long number) {
    low.put(bytes, base, (int) number);
    if (wide) {
      high.put(bytes, base, (int) (number >>> Short.SIZE));
    }
  }

  /** The checksum that is stored in one. */
  public static int storedChecksum(ByteBuffer bytes, int base) {
    return CHECKSUM.get(bytes, base);
  }
}
