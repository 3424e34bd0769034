package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.GroupDescriptor;
import io.lamina.ext4.format.Site;
import io.lamina.ext4.format.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The descriptors of the block groups, read when asked for. */
final class GroupTable {
  private final Volume volume;
  private final Superblock superblock;
  private final Geometry geometry;
  private final long firstMetaBlockGroup;

  GroupTable(Volume volume) {
    this.volume = volume;
    this.superblock = volume.superblock();
    this.geometry = volume.geometry();
    this.firstMetaBlockGroup =
        superblock.has(Feature.META_BG) ? superblock.firstMetaBlockGroup() : Long.MAX_VALUE;
  }

  /**
   * The descriptor of a group, verified.
   *
   * @param groupNr less than the group count
   */
  GroupDescriptor group(long groupNr) throws IOException {
    long blockNr = tableBlockNr(groupNr / geometry.descriptorsPerBlock());
    Site site = new Site("ext4 group descriptor", groupNr, blockNr);
    if (!geometry.holds(blockNr, 1)) {
      throw site.damage("table block", "below " + geometry.blockCount(), blockNr);
    }
    MetadataBlock block = volume.block(blockNr);
    int base = base(groupNr);
    if (!block.isOurs()) {
      volume.checksums().verifyGroup(block.bytes(), base, geometry.descriptorBytes(), site);
    }
    GroupDescriptor group = GroupDescriptor.of(block.bytes(), base, geometry.descriptorBytes());
    if (!geometry.holds(group.inodeTableBlockNr(), geometry.inodeTableBlockCount())) {
      throw site.damage(
          "bg_inode_table",
          geometry.inodeTableBlockCount() + " blocks below " + geometry.blockCount(),
          group.inodeTableBlockNr());
    }
    return group;
  }

  private int base(long groupNr) {
    return (int) (groupNr % geometry.descriptorsPerBlock()) * geometry.descriptorBytes();
  }

  /** A group's descriptor, to be changed within a handle by whoever has the group's lock. */
  GroupDescriptor modify(Handle handle, long groupNr) throws IOException {
    long index = groupNr / geometry.descriptorsPerBlock();
    ByteBuffer bytes = handle.modify(tableBlockNr(index), block -> seal(block, index));
    return GroupDescriptor.of(bytes, base(groupNr), geometry.descriptorBytes());
  }

  private void seal(ByteBuffer block, long index) {
    long first = index * geometry.descriptorsPerBlock();
    long end = Math.min(first + geometry.descriptorsPerBlock(), geometry.groupCount());
    for (long groupNr = first; groupNr < end; groupNr++) {
      int base = base(groupNr);
      volume.checksums().sealGroup(block, base, geometry.descriptorBytes(), groupNr);
    }
  }

  /** Where a block of the table lies; {@code index} counts such blocks from 0. */
  private long tableBlockNr(long index) {
    long superblockNr = geometry.blockBytes() == Superblock.OFFSET ? 1 : 0;
    if (index < firstMetaBlockGroup) {
      return superblockNr + 1 + index;
    }
    long groupNr = index * geometry.descriptorsPerBlock();
    long skipped = hasSuperblock(groupNr) ? 1 : 0;
    if (groupNr == 0 && superblockNr == 1 && geometry.firstDataBlockNr() == 0) {
      skipped++; // the boot block is part of the group there
    }
    return geometry.firstBlockNr(groupNr) + skipped;
  }

  /** Whether a group starts with a copy of the superblock. */
  boolean hasSuperblock(long groupNr) {
    if (groupNr == 0) {
      return true;
    }
    if (superblock.has(Feature.SPARSE_SUPER2)) {
      return superblock.isBackupGroup(groupNr);
    }
    return groupNr == 1
        || !superblock.has(Feature.SPARSE_SUPER)
        || isPower(groupNr, 3)
        || isPower(groupNr, 5)
        || isPower(groupNr, 7);
  }

  private static boolean isPower(long number, int base) {
    long power = base;
    while (power < number) {
      power *= base;
    }
    return power == number;
  }

  /** Blocks of a group that hold descriptors. */
  long descriptorBlockCount(long groupNr) {
    int perBlock = geometry.descriptorsPerBlock();
    if (groupNr / perBlock >= firstMetaBlockGroup) {
      long place = groupNr % perBlock;
      return place <= 1 || place == perBlock - 1 ? 1 : 0;
    }
    if (!hasSuperblock(groupNr)) {
      return 0;
    }
    return firstMetaBlockGroup < Long.MAX_VALUE
        ? firstMetaBlockGroup
        : (geometry.groupCount() + perBlock - 1) / perBlock;
  }
}
