package io.lamina.ext4;

import io.lamina.ext4.format.Bitmap;
import io.lamina.ext4.format.Checksums;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.GroupDescriptor;
import io.lamina.ext4.format.Site;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The block groups of a volume that is written to, with their bitmaps. */
final class BlockGroups {
  private final Volume volume;
  private final Geometry geometry;
  private final GroupTable table;
  private final Checksums checksums;
  private final BlockGroup[] groups;

  BlockGroups(Volume volume, GroupTable table) throws IOException {
    this.volume = volume;
    this.geometry = volume.geometry();
    this.table = table;
    this.checksums = volume.checksums();
    this.groups = new BlockGroup[Math.toIntExact(geometry.groupCount())];
    for (int nr = 0; nr < groups.length; nr++) {
      GroupDescriptor group = table.group(nr);
      groups[nr] =
          new BlockGroup(
              nr, group.freeClusterCount(), group.freeInodeCount(), group.directoryCount());
    }
  }

  int count() {
    return groups.length;
  }

  BlockGroup group(int nr) {
    return groups[nr];
  }

  /** The group that a block lies in. */
  BlockGroup ofBlock(long blockNr) {
    return groups[(int) ((blockNr - geometry.firstDataBlockNr()) / geometry.blocksPerGroup())];
  }

  /** A group's descriptor, to be read or changed with the group's lock held. */
  GroupDescriptor descriptor(BlockGroup group) throws IOException {
    return table.group(group.nr());
  }

  /** As {@link #descriptor}, to be changed within a handle. */
  GroupDescriptor modify(Handle handle, BlockGroup group) throws IOException {
    return table.modify(handle, group.nr());
  }

  /** How many clusters a group has: the last one may have fewer. */
  int clusterCount(BlockGroup group) {
    long left = geometry.blockCount() - geometry.firstBlockNr(group.nr());
    long blocks = Math.min(left, geometry.blocksPerGroup());
    return (int) ((blocks + geometry.clusterBlocks() - 1) / geometry.clusterBlocks());
  }

  /** Which of a group's clusters are in use, verified. */
  ByteBuffer blockBitmap(BlockGroup group) throws IOException {
    GroupDescriptor descriptor = descriptor(group);
    if (descriptor.has(GroupDescriptor.BLOCK_UNINIT) && checksums.coverGroups()) {
      ByteBuffer made = ByteBuffer.allocate(geometry.blockBytes());
      fillInitial(made, group, descriptor);
      return made;
    }
    MetadataBlock block = bitmapBlock(descriptor.blockBitmapBlockNr(), group, "block");
    if (!block.isVerified(MetadataBlock.Kind.BLOCK_BITMAP, group.nr())) {
      verify(
          block,
          (int) (geometry.blocksPerGroup() / geometry.clusterBlocks() / Byte.SIZE),
          descriptor.blockBitmapChecksum(),
          descriptor.isWide(),
          new Site("ext4 block bitmap of group", group.nr(), block.blockNr()));
      block.setVerified(MetadataBlock.Kind.BLOCK_BITMAP, group.nr());
    }
    return block.bytes();
  }

  /** Which of a group's inodes are in use, verified. */
  ByteBuffer inodeBitmap(BlockGroup group) throws IOException {
    GroupDescriptor descriptor = descriptor(group);
    if (descriptor.has(GroupDescriptor.INODE_UNINIT) && checksums.coverGroups()) {
      ByteBuffer made = ByteBuffer.allocate(geometry.blockBytes());
      Bitmap.set(made, geometry.inodesPerGroup(), geometry.blockBytes() * Byte.SIZE);
      return made;
    }
    MetadataBlock block = bitmapBlock(descriptor.inodeBitmapBlockNr(), group, "inode");
    if (!block.isVerified(MetadataBlock.Kind.INODE_BITMAP, group.nr())) {
      verify(
          block,
          geometry.inodesPerGroup() / Byte.SIZE,
          descriptor.inodeBitmapChecksum(),
          descriptor.isWide(),
          new Site("ext4 inode bitmap of group", group.nr(), block.blockNr()));
      block.setVerified(MetadataBlock.Kind.INODE_BITMAP, group.nr());
    }
    return block.bytes();
  }

  private MetadataBlock bitmapBlock(long blockNr, BlockGroup group, String kind)
      throws IOException {
    if (!geometry.holds(blockNr, 1)) {
      throw new Site("ext4 group descriptor", group.nr(), 0)
          .damage("bg_" + kind + "_bitmap", "below " + geometry.blockCount(), blockNr);
    }
    return volume.block(blockNr);
  }

  private void verify(MetadataBlock block, int byteCount, int stored, boolean wide, Site site)
      throws IOException {
    if (!checksums.isOn()) {
      return;
    }
    int whole = checksums.ofBitmap(block.bytes(), byteCount);
    int computed = wide ? whole : whole & 0xffff;
    if (computed != stored) {
      throw site.badChecksum(computed, stored);
    }
  }

  /** The bitmap of a group's clusters, to be changed within a handle with its lock held. */
  ByteBuffer modifyBlockBitmap(Handle handle, BlockGroup group) throws IOException {
    GroupDescriptor descriptor = descriptor(group);
    if (descriptor.has(GroupDescriptor.BLOCK_UNINIT) && checksums.coverGroups()) {
      ByteBuffer made = handle.fresh(descriptor.blockBitmapBlockNr());
      fillInitial(made, group, descriptor);
      GroupDescriptor changed = modify(handle, group);
      changed.clear(GroupDescriptor.BLOCK_UNINIT);
      sealBlockBitmap(changed, made);
      return made;
    }
    blockBitmap(group);
    return handle.modify(descriptor.blockBitmapBlockNr());
  }

  /** The bitmap of a group's inodes, to be changed within a handle with its lock held. */
  ByteBuffer modifyInodeBitmap(Handle handle, BlockGroup group) throws IOException {
    GroupDescriptor descriptor = descriptor(group);
    if (descriptor.has(GroupDescriptor.INODE_UNINIT) && checksums.coverGroups()) {
      ByteBuffer made = handle.fresh(descriptor.inodeBitmapBlockNr());
      Bitmap.set(made, geometry.inodesPerGroup(), geometry.blockBytes() * Byte.SIZE);
      GroupDescriptor changed = modify(handle, group);
      changed.clear(GroupDescriptor.INODE_UNINIT);
      changed.setUnusedInodeCount(geometry.inodesPerGroup());
      return made;
    }
    inodeBitmap(group);
    return handle.modify(descriptor.inodeBitmapBlockNr());
  }

  /** Puts the checksum of a changed bitmap of clusters into the group's descriptor. */
  void sealBlockBitmap(GroupDescriptor descriptor, ByteBuffer bitmap) {
    if (checksums.isOn()) {
      int perGroup = (int) (geometry.blocksPerGroup() / geometry.clusterBlocks());
      descriptor.setBlockBitmapChecksum(checksums.ofBitmap(bitmap, perGroup / Byte.SIZE));
    }
  }

  /** Puts the checksum of a changed bitmap of inodes into the group's descriptor. */
  void sealInodeBitmap(GroupDescriptor descriptor, ByteBuffer bitmap) {
    if (checksums.isOn()) {
      int byteCount = geometry.inodesPerGroup() / Byte.SIZE;
      descriptor.setInodeBitmapChecksum(checksums.ofBitmap(bitmap, byteCount));
    }
  }

  /** What an uninitialised bitmap stands for: the group's own structures, and its missing end. */
  private void fillInitial(ByteBuffer bitmap, BlockGroup group, GroupDescriptor descriptor) {
    long first = geometry.firstBlockNr(group.nr());
    long own = table.descriptorBlockCount(group.nr());
    if (table.hasSuperblock(group.nr())) {
      own += 1 + reservedDescriptorBlocks(group.nr());
    }
    mark(bitmap, group, first, own);
    mark(bitmap, group, descriptor.blockBitmapBlockNr(), 1);
    mark(bitmap, group, descriptor.inodeBitmapBlockNr(), 1);
    mark(bitmap, group, descriptor.inodeTableBlockNr(), geometry.inodeTableBlockCount());
    Bitmap.set(bitmap, clusterCount(group), geometry.blockBytes() * Byte.SIZE);
  }

  private long reservedDescriptorBlocks(long groupNr) {
    boolean isMeta =
        volume.superblock().has(Feature.META_BG)
            && groupNr / geometry.descriptorsPerBlock()
                >= volume.superblock().firstMetaBlockGroup();
    return isMeta ? 0 : volume.superblock().reservedDescriptorBlockCount();
  }

  /** Marks the part of a range of blocks that lies in a group. */
  private void mark(ByteBuffer bitmap, BlockGroup group, long blockNr, long blockCount) {
    long first = geometry.firstBlockNr(group.nr());
    long from = Math.max(0, blockNr - first);
    long to = Math.min(geometry.blocksPerGroup(), blockNr + blockCount - first);
    if (from < to) {
      int clusterBlocks = geometry.clusterBlocks();
      Bitmap.set(bitmap, (int) (from / clusterBlocks), (int) ((to - 1) / clusterBlocks) + 1);
    }
  }
}
