package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.GroupDescriptor;
import io.lamina.ext4.format.Superblock;
import io.lamina.fs.TreeSpace;
import java.io.IOException;

/** Counts what is free and what is taken by the file system itself, as the kernel does. */
final class Space {
  private static final int NAME_MAX_BYTES = 255;
  private static final int RESERVED_SHARE = 50;
  private static final long RESERVED_MOST = 4096;
  private static final int BITMAP_BLOCKS = 2;

  private final GroupTable groups;
  private final InodeTable inodes;
  private final Superblock superblock;
  private final Geometry geometry;

  Space(Files files) {
    this.groups = files.groups();
    this.inodes = files.inodes();
    this.superblock = files.volume().superblock();
    this.geometry = files.volume().geometry();
  }

  /**
   * Adds up all groups: the superblock's own counts are out of date while a volume is mounted, and
   * after a crash.
   */
  TreeSpace count() throws IOException {
    long freeClusters = 0;
    long freeInodes = 0;
    for (long groupNr = 0; groupNr < geometry.groupCount(); groupNr++) {
      GroupDescriptor group = groups.group(groupNr);
      freeClusters += group.freeClusterCount();
      freeInodes += group.freeInodeCount();
    }
    long free = freeClusters * geometry.clusterBlocks();
    long kept = superblock.reservedBlockCount() + reservedBlocks();
    return new TreeSpace(
        geometry.blockBytes(),
        Math.max(0, geometry.blockCount() - overheadBlocks()),
        free,
        Math.max(0, free - kept),
        geometry.inodeCount(),
        freeInodes,
        NAME_MAX_BYTES);
  }

  /** What a mounted volume keeps back for growing extent trees. */
  private long reservedBlocks() {
    if (!superblock.has(Feature.EXTENT)) {
      return 0;
    }
    long clusters = geometry.blockCount() / geometry.clusterBlocks() / RESERVED_SHARE;
    return Math.min(clusters, RESERVED_MOST) * geometry.clusterBlocks();
  }

  /**
   * Blocks that hold the file system's own structures. With clusters, where it is hard to tell, the
   * superblock's own number is taken, as mke2fs wrote it.
   */
  private long overheadBlocks() throws IOException {
    boolean hasClusters = superblock.has(Feature.BIGALLOC);
    long known = superblock.overheadClusterCount() * geometry.clusterBlocks();
    if (hasClusters && known != 0 && known <= geometry.blockCount()) {
      return known;
    }
    long blocks = geometry.firstDataBlockNr();
    for (long groupNr = 0; groupNr < geometry.groupCount(); groupNr++) {
      blocks += groups.descriptorBlockCount(groupNr);
      blocks += geometry.inodeTableBlockCount() + BITMAP_BLOCKS;
      if (groups.hasSuperblock(groupNr)) {
        blocks += 1 + superblock.reservedDescriptorBlockCount();
      }
    }
    return blocks + journalBlocks();
  }

  private long journalBlocks() throws IOException {
    boolean isInside = superblock.has(Feature.HAS_JOURNAL) && superblock.journalInodeNr() != 0;
    if (!isInside) {
      return 0;
    }
    long blocks = inodes.inode(superblock.journalInodeNr()).size() / geometry.blockBytes();
    return Math.min(blocks, geometry.blockCount());
  }
}
