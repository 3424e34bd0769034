package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;

/**
 * How a volume is divided, worked out from its superblock and found possible: each number here can
 * be trusted not to overflow and not to reach past the end of the device.
 *
 * @param blockBytes bytes of a block, 1 to 64 KiB
 * @param blockCount blocks of the volume; times {@code blockBytes} at most the device's size
 * @param firstDataBlockNr the block that group 0 starts with
 * @param clusterBlocks blocks of a cluster, 1 without bigalloc
 * @param blocksPerGroup blocks of a group, fewer in the last
 * @param groupCount block groups
 * @param inodeCount inodes; the highest number one can have
 * @param inodesPerGroup inodes of a group
 * @param inodeBytes bytes of an inode in the table
 * @param descriptorBytes bytes of a group descriptor
 */
public record Geometry(
    int blockBytes,
    long blockCount,
    long firstDataBlockNr,
    int clusterBlocks,
    long blocksPerGroup,
    long groupCount,
    long inodeCount,
    int inodesPerGroup,
    int inodeBytes,
    int descriptorBytes) {
  private static final int MIN_LOG_BLOCK_BYTES = 10;
  private static final int MAX_LOG_BLOCK_SIZE = 6;
  private static final int MAX_LOG_CLUSTER_SIZE = 20;
  private static final int MAX_DESCRIPTOR_BYTES = 1024;
  private static final Site SITE = new Site("ext4 superblock", -1, 0);

  /**
   * Works it out, with the questions that the kernel asks when it mounts.
   *
   * @param deviceBytes size of the device that holds the volume
   * @throws CorruptException when a number cannot be, or the device is too short
   */
  public static Geometry of(Superblock superblock, long deviceBytes)
      throws CorruptException, UnsupportedException {
    int blockBytes = 1 << (MIN_LOG_BLOCK_BYTES + logBlockSize(superblock));
    int clusterBlocks = clusterBlocks(superblock);
    long blocksPerGroup = superblock.blocksPerGroup();
    require(
        blocksPerGroup > 0 && blocksPerGroup <= (long) blockBytes * 8 * clusterBlocks,
        "s_blocks_per_group",
        "1 to " + (long) blockBytes * 8 * clusterBlocks,
        blocksPerGroup);
    long blockCount = superblock.blockCount();
    require(
        Long.compareUnsigned(blockCount, deviceBytes / blockBytes) <= 0,
        "s_blocks_count",
        "at most the " + deviceBytes / blockBytes + " blocks of the device",
        blockCount);
    long first = superblock.firstDataBlockNr();
    require(first < blockCount, "s_first_data_block", "below " + blockCount, first);
    require(first > 0 || blockBytes > 1024 || clusterBlocks > 1, "s_first_data_block", "1", first);
    int inodeBytes = inodeBytes(superblock, blockBytes);
    int inodesPerGroup = inodesPerGroup(superblock, blockBytes, inodeBytes);
    long groupCount = (blockCount - first + blocksPerGroup - 1) / blocksPerGroup;
    require(
        groupCount * inodesPerGroup == superblock.inodeCount(),
        "s_inodes_count",
        groupCount + " groups of " + inodesPerGroup,
        superblock.inodeCount());
    long leastBlocks = leastBlocks(inodesPerGroup, blockBytes / inodeBytes);
    require(
        groupCount <= blockCount / leastBlocks,
        "s_blocks_per_group",
        "room for " + leastBlocks + " blocks of metadata in each group",
        blocksPerGroup);
    int descriptorBytes = descriptorBytes(superblock);
    checkMetaBlockGroups(superblock, groupCount, blockBytes / descriptorBytes);
    require(
        superblock.reservedDescriptorBlockCount() <= blockBytes / 4,
        "s_reserved_gdt_blocks",
        "at most " + blockBytes / 4,
        superblock.reservedDescriptorBlockCount());
    return new Geometry(
        blockBytes,
        blockCount,
        first,
        clusterBlocks,
        blocksPerGroup,
        groupCount,
        superblock.inodeCount(),
        inodesPerGroup,
        inodeBytes,
        descriptorBytes);
  }

  /** A group has two bitmaps and its part of the inode table, wherever they lie. */
  private static long leastBlocks(int inodesPerGroup, int inodesPerBlock) {
    return 2 + (inodesPerGroup + inodesPerBlock - 1L) / inodesPerBlock;
  }

  private static int logBlockSize(Superblock superblock) throws CorruptException {
    long log = superblock.logBlockSize();
    require(log <= MAX_LOG_BLOCK_SIZE, "s_log_block_size", "0 to " + MAX_LOG_BLOCK_SIZE, log);
    return (int) log;
  }

  private static int clusterBlocks(Superblock superblock) throws CorruptException {
    if (!superblock.has(Feature.BIGALLOC)) {
      return 1;
    }
    long log = superblock.logClusterSize();
    long least = superblock.logBlockSize();
    require(
        log >= least && log <= MAX_LOG_CLUSTER_SIZE,
        "s_log_cluster_size",
        least + " to " + MAX_LOG_CLUSTER_SIZE,
        log);
    int blocks = 1 << (log - least);
    require(
        superblock.clustersPerGroup() * blocks == superblock.blocksPerGroup(),
        "s_clusters_per_group",
        "s_blocks_per_group / " + blocks,
        superblock.clustersPerGroup());
    return blocks;
  }

  private static int inodeBytes(Superblock superblock, int blockBytes) throws CorruptException {
    int bytes = superblock.inodeBytes();
    require(
        bytes >= RawInode.GOOD_OLD_BYTES && bytes <= blockBytes && Integer.bitCount(bytes) == 1,
        "s_inode_size",
        "a power of two, 128 to " + blockBytes,
        bytes);
    return bytes;
  }

  private static int inodesPerGroup(Superblock superblock, int blockBytes, int inodeBytes)
      throws CorruptException {
    long count = superblock.inodesPerGroup();
    require(
        count >= blockBytes / inodeBytes && count <= blockBytes * 8L,
        "s_inodes_per_group",
        blockBytes / inodeBytes + " to " + blockBytes * 8L,
        count);
    return (int) count;
  }

  private static int descriptorBytes(Superblock superblock) throws CorruptException {
    if (!superblock.has(Feature.BIT64)) {
      return GroupDescriptor.GOOD_OLD_BYTES;
    }
    int bytes = superblock.descriptorBytes();
    require(
        bytes >= GroupDescriptor.BYTES
            && bytes <= MAX_DESCRIPTOR_BYTES
            && Integer.bitCount(bytes) == 1,
        "s_desc_size",
        "a power of two, 64 to " + MAX_DESCRIPTOR_BYTES,
        bytes);
    return bytes;
  }

  private static void checkMetaBlockGroups(
      Superblock superblock, long groupCount, int descriptorsPerBlock) throws CorruptException {
    if (superblock.has(Feature.META_BG)) {
      long blocks = (groupCount + descriptorsPerBlock - 1) / descriptorsPerBlock;
      long first = superblock.firstMetaBlockGroup();
      require(first <= blocks, "s_first_meta_bg", "at most " + blocks, first);
    }
  }

  private static void require(boolean sound, String field, String expected, long found)
      throws CorruptException {
    if (!sound) {
      throw SITE.damage(field, expected, found);
    }
  }

  /** Group descriptors of a block. */
  public int descriptorsPerBlock() {
    return blockBytes / descriptorBytes;
  }

  /** The first block of a group. */
  public long firstBlockNr(long groupNr) {
    return firstDataBlockNr + groupNr * blocksPerGroup;
  }

  /** Whether a range of blocks lies within the volume, behind its superblock. */
  public boolean holds(long blockNr, long count) {
    return blockNr > firstDataBlockNr
        && Long.compareUnsigned(blockNr, blockCount) < 0
        && count <= blockCount - blockNr;
  }

  /** Blocks of a group's inode table. */
  public long inodeTableBlockCount() {
    long perBlock = blockBytes / inodeBytes;
    return (inodesPerGroup + perBlock - 1) / perBlock;
  }
}
