package io.lamina.ext4;

import io.lamina.ext4.format.Extent;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.IndirectMapEditor;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;

/** How much space an inode says that it takes: in sectors, or in blocks where that is too much. */
final class SectorCount {
  private static final int SECTOR_BYTES = 512;
  private static final long MAX_NARROW = 0xffff_ffffL;
  private static final long MAX_WIDE = 0xffff_ffff_ffffL;

  private SectorCount() {}

  /** Adds blocks to it, or takes some away where their number is negative. */
  static void add(Volume volume, RawInode raw, long blockCount) {
    int perBlock = volume.geometry().blockBytes() / SECTOR_BYTES;
    boolean mayBeHuge = volume.superblock().has(Feature.HUGE_FILE);
    boolean countsBlocks = mayBeHuge && (raw.flags() & InodeFlags.HUGE_FILE) != 0;
    long before = mayBeHuge ? raw.blocks() : raw.blocksLow();
    long sectors = (countsBlocks ? before * perBlock : before) + blockCount * perBlock;
    if (sectors < 0 || sectors > (mayBeHuge ? MAX_WIDE * perBlock : MAX_NARROW)) {
      throw new IllegalStateException(sectors + " sectors of a file");
    }
    boolean isHuge = sectors > MAX_WIDE;
    raw.setBlocks(isHuge ? sectors / perBlock : sectors);
    raw.setFlags(isHuge ? raw.flags() | InodeFlags.HUGE_FILE : raw.flags() & ~InodeFlags.HUGE_FILE);
  }

  /**
   * How long a file may become.
   *
   * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/blocks.html">Blocks</a>
   */
  static long maxFileBytes(Volume volume, boolean hasExtents) {
    int blockBytes = volume.geometry().blockBytes();
    long perBlock = blockBytes / Integer.BYTES;
    long most =
        volume.superblock().has(Feature.HUGE_FILE)
            ? MAX_WIDE
            : MAX_NARROW / (blockBytes / SECTOR_BYTES);
    long nodes = 3 + 2 * perBlock + perBlock * perBlock;
    long blocks =
        hasExtents
            ? Math.min(most, Extent.MAX_FILE_BLOCKS)
            : Math.min(most - nodes, IndirectMapEditor.maxFileBlocks(blockBytes));
    return blocks > Long.MAX_VALUE / blockBytes ? Long.MAX_VALUE : blocks * blockBytes;
  }
}
