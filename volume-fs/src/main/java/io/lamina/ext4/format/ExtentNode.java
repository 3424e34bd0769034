package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;

/**
 * A node of an extent tree: in the inode (its root) or in a block. A leaf holds extents, the others
 * index entries; both are sorted by the file's block number.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/ifork.html">The contents of
 *     inode.i_block</a>
 */
public final class ExtentNode {
  private static final Layout HEADER = Layout.littleEndian("ext4 extent header");
  static final Layout.U16 MAGIC = HEADER.u16("eh_magic", 0);
  static final Layout.U16 ENTRIES = HEADER.u16("eh_entries", 2);
  static final Layout.U16 MAX = HEADER.u16("eh_max", 4);
  static final Layout.U16 DEPTH = HEADER.u16("eh_depth", 6);

  static {
    HEADER.unused("eh_generation", 8, 4);
  }

  static final int HEADER_BYTES = HEADER.size(12);

  private static final Layout EXTENT = Layout.littleEndian("ext4 extent");
  static final Layout.U32 BLOCK = EXTENT.u32("ee_block", 0);
  static final Layout.U16 LEN = EXTENT.u16("ee_len", 4);
  static final Layout.U16 START_HI = EXTENT.u16("ee_start_hi", 6);
  static final Layout.U32 START_LO = EXTENT.u32("ee_start_lo", 8);
  static final int ENTRY_BYTES = EXTENT.size(12);

  private static final Layout INDEX = Layout.littleEndian("ext4 extent index");

  static {
    INDEX.unused("ei_block, read as ee_block", 0, 4);
  }

  static final Layout.U32 LEAF_LO = INDEX.u32("ei_leaf_lo", 4);
  static final Layout.U16 LEAF_HI = INDEX.u16("ei_leaf_hi", 8);

  static {
    INDEX.unused("ei_unused", 10, 2);
    INDEX.size(ENTRY_BYTES);
  }

  static final int MAGIC_VALUE = 0xf30a;

  /** No tree is deeper. */
  public static final int MAX_DEPTH = 5;

  private final ByteBuffer bytes;
  private final int base;

  ExtentNode(ByteBuffer bytes, int base) {
    this.bytes = bytes;
    this.base = base;
  }

  /** The root in an inode, looked through. */
  public static ExtentNode root(RawInode inode, Geometry geometry, Site site)
      throws CorruptException {
    ExtentNode node = new ExtentNode(inode.bytes(), RawInode.BLOCK_OFFSET);
    node.check(RawInode.BLOCK_BYTES, geometry, site);
    if (node.depth() > MAX_DEPTH) {
      throw site.damage("eh_depth", "at most " + MAX_DEPTH, node.depth());
    }
    return node;
  }

  /** Makes the root of an inode without one an empty leaf, as the kernel does for a fast commit. */
  static void startIfNone(ByteBuffer inode, int base) {
    if (MAGIC.get(inode, base) != MAGIC_VALUE) {
      inode.put(base, new byte[RawInode.BLOCK_BYTES]);
      MAGIC.put(inode, base, MAGIC_VALUE);
      MAX.put(inode, base, (RawInode.BLOCK_BYTES - HEADER_BYTES) / ENTRY_BYTES);
    }
  }

  /** Levels below the root of an inode. */
  public static int depth(RawInode inode) {
    return DEPTH.get(inode.bytes(), RawInode.BLOCK_OFFSET);
  }

  /** How many more entries the root of an inode has room for. */
  public static int rootRoom(RawInode inode) {
    return MutableExtentNode.root(inode.bytes()).room();
  }

  /** A node that fills a block; {@link #verify} it once. */
  public static ExtentNode inBlock(ByteBuffer bytes) {
    return new ExtentNode(bytes, 0);
  }

  /** Looks through a node in a block: its checksum, then each of its entries. */
  public void verify(Checksums checksums, int inodeSeed, Geometry geometry, Site site)
      throws CorruptException {
    check(bytes.limit(), geometry, site);
    int tail = HEADER_BYTES + MAX.get(bytes, base) * ENTRY_BYTES;
    if (checksums.isOn()) {
      if (tail + Integer.BYTES > bytes.limit()) {
        throw site.damage("eh_max", "room for a checksum", MAX.get(bytes, base));
      }
      checksums.verifyOwned(bytes, tail, inodeSeed, bytes.getInt(tail), site);
    }
  }

  /** Gives a node in a block that has been changed its checksum. */
  public void seal(Checksums checksums, int inodeSeed) {
    int tail = HEADER_BYTES + MAX.get(bytes, base) * ENTRY_BYTES;
    if (checksums.isOn()) {
      bytes.putInt(tail, checksums.ofOwned(bytes, tail, inodeSeed));
    }
  }

  private void check(int byteCount, Geometry geometry, Site site) throws CorruptException {
    if (MAGIC.get(bytes, base) != MAGIC_VALUE) {
      throw site.damage("eh_magic", "0xf30a", String.format("0x%04x", MAGIC.get(bytes, base)));
    }
    int max = MAX.get(bytes, base);
    int room = (byteCount - HEADER_BYTES) / ENTRY_BYTES;
    if (max == 0 || max > room) {
      throw site.damage("eh_max", "1 to " + room, max);
    }
    if (count() > max) {
      throw site.damage("eh_entries", "at most " + max, count());
    }
    if (isLeaf()) {
      checkExtents(geometry, site);
    } else {
      checkIndex(geometry, site);
    }
  }

  private void checkExtents(Geometry geometry, Site site) throws CorruptException {
    long next = 0;
    for (int i = 0; i < count(); i++) {
      if (fileBlockNr(i) < next) {
        throw site.damage("ee_block", "at least " + next, fileBlockNr(i));
      }
      if (blockCount(i) == 0) {
        throw site.damage("ee_len", "at least 1", 0);
      }
      if (!geometry.holds(blockNr(i), blockCount(i))) {
        throw site.damage(
            "ee_start",
            blockCount(i) + " blocks of the volume's " + geometry.blockCount(),
            blockNr(i));
      }
      next = fileBlockNr(i) + blockCount(i);
    }
  }

  private void checkIndex(Geometry geometry, Site site) throws CorruptException {
    if (count() == 0) {
      throw site.damage("eh_entries", "at least 1", 0);
    }
    for (int i = 0; i < count(); i++) {
      if (i > 0 && fileBlockNr(i) <= fileBlockNr(i - 1)) {
        throw site.damage("ei_block", "above " + fileBlockNr(i - 1), fileBlockNr(i));
      }
      if (!geometry.holds(childBlockNr(i), 1)) {
        throw site.damage("ei_leaf", "a block below " + geometry.blockCount(), childBlockNr(i));
      }
    }
  }

  /** Levels below it; 0 for a leaf. */
  public int depth() {
    return DEPTH.get(bytes, base);
  }

  /** Whether its entries are extents. */
  public boolean isLeaf() {
    return depth() == 0;
  }

  /** How many entries it has. */
  public int count() {
    return ENTRIES.get(bytes, base);
  }

  /** The first block of the file that an entry is about. */
  public long fileBlockNr(int index) {
    return BLOCK.get(bytes, at(index));
  }

  /** The block where an index entry's child lies. */
  public long childBlockNr(int index) {
    return LEAF_LO.get(bytes, at(index)) | (long) LEAF_HI.get(bytes, at(index)) << Integer.SIZE;
  }

  /** The block of the volume where an extent starts. */
  public long blockNr(int index) {
    return START_LO.get(bytes, at(index)) | (long) START_HI.get(bytes, at(index)) << Integer.SIZE;
  }

  /** How many blocks an extent has. */
  public int blockCount(int index) {
    int length = LEN.get(bytes, at(index));
    return length > Extent.MAX_INITIALISED ? length - Extent.MAX_INITIALISED : length;
  }

  /** Whether an extent has been written to; one that has not reads as zeroes. */
  public boolean isInitialised(int index) {
    return LEN.get(bytes, at(index)) <= Extent.MAX_INITIALISED;
  }

  /** The last entry that starts at or before a block of the file; -1 where all start later. */
  public int find(long fileBlockNr) {
    int low = 0;
    int high = count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (fileBlockNr(middle) <= fileBlockNr) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  private int at(int index) {
    return base + HEADER_BYTES + index * ENTRY_BYTES;
  }
}
