package io.lamina.ext4.format;

import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * An inode as it lies in the inode table: its fields, no judgement on them.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/inodes.html">Index
 *     nodes</a>
 */
public final class RawInode {
  private static final Layout LAYOUT = Layout.littleEndian("ext4 inode");
  private static final Layout.U16 MODE = LAYOUT.u16("i_mode", 0x0);
  private static final Layout.U16 UID = LAYOUT.u16("i_uid", 0x2);
  private static final Layout.U32 SIZE_LO = LAYOUT.u32("i_size_lo", 0x4);
  private static final Layout.U32 ATIME = LAYOUT.u32("i_atime", 0x8);
  private static final Layout.U32 CTIME = LAYOUT.u32("i_ctime", 0xc);
  private static final Layout.U32 MTIME = LAYOUT.u32("i_mtime", 0x10);
  private static final Layout.U32 DTIME = LAYOUT.u32("i_dtime", 0x14);
  private static final Layout.U16 GID = LAYOUT.u16("i_gid", 0x18);
  private static final Layout.U16 LINKS_COUNT = LAYOUT.u16("i_links_count", 0x1a);
  private static final Layout.U32 BLOCKS_LO = LAYOUT.u32("i_blocks_lo", 0x1c);
  private static final Layout.U32 FLAGS = LAYOUT.u32("i_flags", 0x20);

  private static final Layout.U32 VERSION = LAYOUT.u32("i_version", 0x24);

  static {
    LAYOUT.unused("i_block", 0x28, 60);
  }

  private static final Layout.U32 GENERATION = LAYOUT.u32("i_generation", 0x64);
  private static final Layout.U32 FILE_ACL_LO = LAYOUT.u32("i_file_acl_lo", 0x68);
  private static final Layout.U32 SIZE_HIGH = LAYOUT.u32("i_size_high", 0x6c);

  static {
    LAYOUT.unused("i_obso_faddr", 0x70, 4);
  }

  private static final Layout.U16 BLOCKS_HIGH = LAYOUT.u16("l_i_blocks_high", 0x74);
  private static final Layout.U16 FILE_ACL_HIGH = LAYOUT.u16("l_i_file_acl_high", 0x76);
  private static final Layout.U16 UID_HIGH = LAYOUT.u16("l_i_uid_high", 0x78);
  private static final Layout.U16 GID_HIGH = LAYOUT.u16("l_i_gid_high", 0x7a);
  private static final Layout.U16 CHECKSUM_LO = LAYOUT.u16("l_i_checksum_lo", 0x7c);

  static {
    LAYOUT.unused("l_i_reserved", 0x7e, 2);
  }

  /** The size of an inode of the first revision; all else is extra. */
  public static final int GOOD_OLD_BYTES = LAYOUT.size(128);

  private static final Layout EXTRA = Layout.littleEndian("ext4 inode, extra");
  private static final Layout.U16 EXTRA_ISIZE = EXTRA.u16("i_extra_isize", 0x0);
  private static final Layout.U16 CHECKSUM_HI = EXTRA.u16("i_checksum_hi", 0x2);
  private static final Layout.U32 CTIME_EXTRA = EXTRA.u32("i_ctime_extra", 0x4);
  private static final Layout.U32 MTIME_EXTRA = EXTRA.u32("i_mtime_extra", 0x8);
  private static final Layout.U32 ATIME_EXTRA = EXTRA.u32("i_atime_extra", 0xc);

  private static final Layout.U32 CRTIME = EXTRA.u32("i_crtime", 0x10);
  private static final Layout.U32 CRTIME_EXTRA = EXTRA.u32("i_crtime_extra", 0x14);

  static {
    EXTRA.unused("i_version_hi", 0x18, 4);
  }

  private static final Layout.U32 PROJID = EXTRA.u32("i_projid", 0x1c);

  /** The size of the extra fields known so far. */
  public static final int EXTRA_BYTES = EXTRA.size(32);

  /** Where the block map, the extent tree's root or the short content lies. */
  public static final int BLOCK_OFFSET = 0x28;

  /** How long that is. */
  public static final int BLOCK_BYTES = 60;

  static final int CHECKSUM_LO_OFFSET = 0x7c;
  static final int CHECKSUM_HI_OFFSET = GOOD_OLD_BYTES + 2;

  private static final int TYPE_MASK = 0xf000;
  private static final int DIRECTORY = 0x4000;
  private static final int REGULAR = 0x8000;

  private final ByteBuffer bytes;

  /**
   * An inode at the start of a buffer that holds nothing else.
   *
   * @param bytes its 128 bytes or more, from position 0 to the limit
   */
  public RawInode(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * An inode made up from a block map: the copy of the journal's that a superblock keeps.
   *
   * @param mode type and permissions
   * @param hasExtents whether the map is the root of a tree of extents
   * @param map 60 bytes
   */
  public static RawInode ofMap(
      int mode, boolean hasExtents, ByteBuffer map, int sizeHigh, int sizeLow) {
    ByteBuffer bytes = ByteBuffer.allocate(GOOD_OLD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    MODE.put(bytes, 0, mode);
    FLAGS.put(bytes, 0, hasExtents ? InodeFlags.EXTENTS : 0);
    SIZE_HIGH.put(bytes, 0, sizeHigh);
    SIZE_LO.put(bytes, 0, sizeLow);
    bytes.put(BLOCK_OFFSET, map, 0, BLOCK_BYTES);
    return new RawInode(bytes);
  }

  /** An inode of nothing but zeroes. */
  public static RawInode blank(int byteCount) {
    return new RawInode(ByteBuffer.allocate(byteCount).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** A copy of it. */
  public RawInode copy() {
    RawInode copy = blank(byteCount());
    copy.become(this);
    return copy;
  }

  /** Takes over the bytes of an inode that is as long. */
  public void become(RawInode other) {
    other.putInto(bytes, 0);
  }

  /**
   * Whether another differs in nothing but the time of its last reading, and so in its checksum.
   */
  public boolean isSameButForReading(RawInode other) {
    return bytes.equals(other.bytes) || unread().bytes.equals(other.unread().bytes);
  }

  private RawInode unread() {
    RawInode unread = copy();
    unread.setAccessTime(0, 0);
    unread.setChecksum(0);
    return unread;
  }

  /** Copies it to a place in a block of the inode table. */
  public void putInto(ByteBuffer block, int at) {
    block.put(at, bytes.array(), bytes.arrayOffset(), byteCount());
  }

  /** All of its bytes. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** How many bytes it has in the table. */
  public int byteCount() {
    return bytes.limit();
  }

  /** Type and permissions. */
  public int mode() {
    return MODE.get(bytes, 0);
  }

  /** Owner, 32 bits. */
  public long userId() {
    return UID.get(bytes, 0) | (long) UID_HIGH.get(bytes, 0) << Short.SIZE;
  }

  /** Group, 32 bits. */
  public long groupId() {
    return GID.get(bytes, 0) | (long) GID_HIGH.get(bytes, 0) << Short.SIZE;
  }

  /** The low 32 bits of the size. */
  public long sizeLow() {
    return SIZE_LO.get(bytes, 0);
  }

  /** The size, 64 bits: regular files, and directories with large_dir. */
  public long size() {
    return SIZE_LO.get(bytes, 0) | SIZE_HIGH.get(bytes, 0) << Integer.SIZE;
  }

  /**
   * This inode with the bytes of a fast commit, which leaves out two things: the block map of a
   * file with extents, told range by range, and what lies behind the last field.
   *
   * @param changed at least {@link #GOOD_OLD_BYTES}, at most as many as this has
   */
  public RawInode changedTo(ByteBuffer changed) {
    ByteBuffer merged = ByteBuffer.allocate(byteCount()).order(ByteOrder.LITTLE_ENDIAN);
    merged.put(0, bytes, 0, byteCount());
    merged.put(0, changed, 0, changed.capacity());
    boolean hasMapOfItsOwn = (FLAGS.bits(merged, 0) & InodeFlags.EXTENTS) != 0 || keepsMap(merged);
    if (hasMapOfItsOwn) {
      merged.put(BLOCK_OFFSET, bytes, BLOCK_OFFSET, BLOCK_BYTES);
    }
    if ((FLAGS.bits(merged, 0) & InodeFlags.EXTENTS) != 0) {
      ExtentNode.startIfNone(merged, BLOCK_OFFSET);
    }
    return new RawInode(merged);
  }

  /** Whether its map is made of indirect blocks: it has neither content nor a device there. */
  private static boolean keepsMap(ByteBuffer inode) {
    int type = MODE.get(inode, 0) & TYPE_MASK;
    boolean isMapped = type == REGULAR || type == DIRECTORY;
    return isMapped && (FLAGS.bits(inode, 0) & InodeFlags.INLINE_DATA) == 0;
  }

  /** How many names it has. */
  public int linkCount() {
    return LINKS_COUNT.get(bytes, 0);
  }

  /** When it was deleted; the next orphan while on the list of orphans. */
  public long deletionTime() {
    return DTIME.get(bytes, 0);
  }

  /** The low 32 bits of its count of sectors. */
  public long blocksLow() {
    return BLOCKS_LO.get(bytes, 0);
  }

  /** Its count of sectors (or of blocks, by a flag), 48 bits: with huge_file. */
  public long blocks() {
    return BLOCKS_LO.get(bytes, 0) | (long) BLOCKS_HIGH.get(bytes, 0) << Integer.SIZE;
  }

  /** Its {@link InodeFlags}. */
  public int flags() {
    return FLAGS.bits(bytes, 0);
  }

  /** One of the 15 numbers of {@code i_block}. */
  public long blockMap(int index) {
    return bytes.getInt(BLOCK_OFFSET + index * Integer.BYTES) & 0xffff_ffffL;
  }

  /** Tells one use of an inode number from the next. */
  public int generation() {
    return GENERATION.bits(bytes, 0);
  }

  /** The same of an inode's bytes. */
  public static int generation(ByteBuffer inode) {
    return GENERATION.bits(inode, 0);
  }

  /** Type and permissions of an inode's bytes. */
  public static int mode(ByteBuffer inode) {
    return MODE.get(inode, 0);
  }

  /** A copy of an inode's bytes, with one name less than they tell. */
  public static ByteBuffer withoutLink(ByteBuffer inode) {
    ByteBuffer copy = ByteBuffer.allocate(inode.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    copy.put(0, inode, 0, inode.capacity());
    LINKS_COUNT.put(copy, 0, Math.max(0, LINKS_COUNT.get(inode, 0) - 1));
    return copy;
  }

  /** The block of extended attributes, 0 for none. */
  public long fileAcl(boolean wide) {
    long low = FILE_ACL_LO.get(bytes, 0);
    return wide ? low | (long) FILE_ACL_HIGH.get(bytes, 0) << Integer.SIZE : low;
  }

  /** Bytes of extra fields as given; 0 where the inode has no room for them, or never used it. */
  public int extraBytes() {
    return byteCount() > GOOD_OLD_BYTES ? EXTRA_ISIZE.get(bytes, GOOD_OLD_BYTES) : 0;
  }

  /** Whether the upper half of the checksum is there. */
  boolean hasWideChecksum() {
    return extraBytes() >= 4;
  }

  /** The checksum that is stored in it: 32 bits, or 16 where the upper half is not there. */
  int storedChecksum() {
    int low = CHECKSUM_LO.get(bytes, 0);
    return hasWideChecksum() ? low | CHECKSUM_HI.get(bytes, GOOD_OLD_BYTES) << Short.SIZE : low;
  }

  /** Seconds of the access time; of an inode that holds an attribute's value, its hash. */
  public int accessSeconds() {
    return ATIME.bits(bytes, 0);
  }

  /** Seconds of the change time. */
  public int changeSeconds() {
    return CTIME.bits(bytes, 0);
  }

  /** Seconds of the modification time. */
  public int modificationSeconds() {
    return MTIME.bits(bytes, 0);
  }

  /** Nanoseconds and epoch of the access time; ask only where there is room for it. */
  public int accessExtra() {
    return ATIME_EXTRA.bits(bytes, GOOD_OLD_BYTES);
  }

  /** Nanoseconds and epoch of the change time; ask only where there is room for it. */
  public int changeExtra() {
    return CTIME_EXTRA.bits(bytes, GOOD_OLD_BYTES);
  }

  /** Nanoseconds and epoch of the modification time; ask only where there is room for it. */
  public int modificationExtra() {
    return MTIME_EXTRA.bits(bytes, GOOD_OLD_BYTES);
  }

  /** The project that its blocks are counted for; 0 where there is no room for one. */
  public int projectId() {
    return extraBytes() >= 0x20 ? PROJID.bits(bytes, GOOD_OLD_BYTES) : 0;
  }

  /** Type and permissions. */
  public void setMode(int mode) {
    MODE.put(bytes, 0, mode);
  }

  /** Owner, 32 bits. */
  public void setUserId(long userId) {
    UID.put(bytes, 0, (int) userId);
    UID_HIGH.put(bytes, 0, (int) (userId >>> Short.SIZE));
  }

  /** Group, 32 bits. */
  public void setGroupId(long groupId) {
    GID.put(bytes, 0, (int) groupId);
    GID_HIGH.put(bytes, 0, (int) (groupId >>> Short.SIZE));
  }

  /** The size, 64 bits: for a directory without large_dir it fits 32. */
  public void setSize(long size) {
    SIZE_LO.put(bytes, 0, size);
    SIZE_HIGH.put(bytes, 0, size >>> Integer.SIZE);
  }

  /** How many names it has. */
  public void setLinkCount(int count) {
    LINKS_COUNT.put(bytes, 0, count);
  }

  /** When it was deleted, in seconds; the next orphan while on the list of orphans. */
  public void setDeletionTime(long seconds) {
    DTIME.put(bytes, 0, seconds);
  }

  /** Its count of sectors, or of blocks by a flag: 48 bits. */
  public void setBlocks(long count) {
    BLOCKS_LO.put(bytes, 0, count);
    BLOCKS_HIGH.put(bytes, 0, (int) (count >>> Integer.SIZE));
  }

  /** Its {@link InodeFlags}. */
  public void setFlags(int flags) {
    FLAGS.put(bytes, 0, flags);
  }

  /** One of the 15 numbers of {@code i_block}. */
  public void setBlockMap(int index, long number) {
    bytes.putInt(BLOCK_OFFSET + index * Integer.BYTES, (int) number);
  }

  /** Tells one use of an inode number from the next. */
  public void setGeneration(int generation) {
    GENERATION.put(bytes, 0, generation);
  }

  /** The block of extended attributes, 0 for none: 48 bits. */
  public void setFileAcl(long blockNr) {
    FILE_ACL_LO.put(bytes, 0, blockNr);
    FILE_ACL_HIGH.put(bytes, 0, (int) (blockNr >>> Integer.SIZE));
  }

  /** Bytes of extra fields; only of an inode with room for them. */
  public void setExtraBytes(int count) {
    EXTRA_ISIZE.put(bytes, GOOD_OLD_BYTES, count);
  }

  /** The access time; what of it has no room is left out. */
  public void setAccessTime(long seconds, int nanos) {
    ATIME.put(bytes, 0, seconds);
    putExtra(ATIME_EXTRA, 0x10, seconds, nanos);
  }

  /** The change time; what of it has no room is left out. */
  public void setChangeTime(long seconds, int nanos) {
    CTIME.put(bytes, 0, seconds);
    putExtra(CTIME_EXTRA, 0x8, seconds, nanos);
  }

  /** The modification time; what of it has no room is left out. */
  public void setModificationTime(long seconds, int nanos) {
    MTIME.put(bytes, 0, seconds);
    putExtra(MTIME_EXTRA, 0xc, seconds, nanos);
  }

  /** The time it was made; what of it has no room is left out. */
  public void setCreationTime(long seconds, int nanos) {
    if (extraBytes() >= 0x14) {
      CRTIME.put(bytes, GOOD_OLD_BYTES, seconds);
    }
    putExtra(CRTIME_EXTRA, 0x18, seconds, nanos);
  }

  private void putExtra(Layout.U32 field, int end, long seconds, int nanos) {
    if (extraBytes() >= end) {
      field.put(bytes, GOOD_OLD_BYTES, InodeTime.extra(seconds, nanos));
    }
  }

  /** How many attributes use the value that an inode holds. */
  public long valueReferences() {
    return VERSION.get(bytes, 0) | CTIME.get(bytes, 0) << Integer.SIZE;
  }

  /** Sets how many attributes use the value that an inode holds. */
  public void setValueReferences(long count) {
    VERSION.put(bytes, 0, count);
    CTIME.put(bytes, 0, count >>> Integer.SIZE);
  }

  /** The checksum: 32 bits, or the lower 16 where there is no room for more. */
  void setChecksum(int checksum) {
    CHECKSUM_LO.put(bytes, 0, checksum);
    if (hasWideChecksum()) {
      CHECKSUM_HI.put(bytes, GOOD_OLD_BYTES, checksum >>> Short.SIZE);
    }
  }
}
