package io.lamina.thin;

import io.lamina.block.WritableDevice;
import io.lamina.block.Zeroes;
import io.lamina.persist.BlockManager;
import io.lamina.persist.TransactionManager;
import io.lamina.persist.btree.BTreeWriter;
import io.lamina.persist.btree.ValueReferences;
import io.lamina.persist.space.Bitmap;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.persist.space.IndexBlock;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.persist.space.StoredCounts;
import io.lamina.persist.space.StoredSpaceMap;
import io.lamina.persist.space.VirginMap;
import java.io.IOException;

/** Makes new pools. */
public final class PoolFormat {
  /** As many metadata blocks as an index block can index: just under 16 GiB. */
  public static final long MAX_METADATA_BLOCKS = (long) IndexBlock.ENTRY_COUNT * Bitmap.ENTRY_COUNT;

  private static final long MIN_METADATA_BLOCKS = 64;

  /** For a mapping in two trees that share nothing, half-full leaves, and some to spare. */
  private static final long METADATA_BYTES_PER_BLOCK = 128;

  private static final long USUAL_METADATA_BYTES = 8L << 20;

  private PoolFormat() {}

  /** How large the metadata of a pool should be, in bytes: room for snapshots included. */
  public static long metadataBytes(long dataBlockCount) {
    long bytes = Math.max(USUAL_METADATA_BYTES, dataBlockCount * METADATA_BYTES_PER_BLOCK);
    return Math.min(
        MAX_METADATA_BLOCKS * BlockManager.BLOCK_BYTES,
        (bytes + BlockManager.BLOCK_BYTES - 1)
            / BlockManager.BLOCK_BYTES
            * BlockManager.BLOCK_BYTES);
  }

  /**
   * Writes the metadata of an empty pool. What the device held before is lost with the last write,
   * that of the superblock.
   *
   * @param dataBlockBytes 64 KiB to 1 GiB, a multiple of 64 KiB
   * @param dataBlockCount how many the data device has
   * @throws IOException when the metadata device is too small for that many
   */
  public static void create(WritableDevice metadata, int dataBlockBytes, long dataBlockCount)
      throws IOException {
    Superblock.checkDataBlockBytes(dataBlockBytes);
    long blockCount = Math.min(MAX_METADATA_BLOCKS, metadata.size() / BlockManager.BLOCK_BYTES);
    if (blockCount < MIN_METADATA_BLOCKS) {
      throw new IOException(
          metadata.name()
              + ": too small for the metadata of a pool: "
              + blockCount
              + " blocks, at least "
              + MIN_METADATA_BLOCKS);
    }
    Zeroes.write(metadata, 0, BlockManager.BLOCK_BYTES);
    SpaceMapRoot own = VirginMap.write(metadata, blockCount);
    BlockManager blocks = new BlockManager(metadata, 1 << 20);
    CountingSpaceMap counts =
        new CountingSpaceMap(StoredSpaceMap.ofMetadata(blocks, own), "metadata blocks");
    TransactionManager transaction = new TransactionManager(blocks, metadata, counts);
    long mappingRoot = new BTreeWriter(transaction, Long.BYTES, ValueReferences.NONE).create();
    long detailsRoot =
        new BTreeWriter(transaction, DeviceDetails.BYTES, ValueReferences.NONE).create();
    SpaceMapRoot data = createData(transaction, blocks, dataBlockCount);
    SpaceMapRoot metadataRoot = StoredCounts.ofMetadata(transaction, counts).write();
    transaction.freeze();
    transaction.writeOut();
    Superblock superblock =
        new SuperblockBuilder(dataBlockBytes / Superblock.SECTOR_BYTES, blockCount)
            .roots(mappingRoot, detailsRoot)
            .spaceMaps(data, metadataRoot)
            .build();
    metadata.write(Superblock.BLOCK_NR, superblock.toBlock(Superblock.BLOCK_NR));
    metadata.flush();
  }

  private static SpaceMapRoot createData(
      TransactionManager transaction, BlockManager blocks, long dataBlockCount) throws IOException {
    SpaceMapRoot empty = StoredCounts.createData(transaction);
    CountingSpaceMap counts =
        new CountingSpaceMap(StoredSpaceMap.ofData(blocks, empty), "data blocks");
    StoredCounts stored = StoredCounts.ofData(transaction, counts);
    stored.grow(dataBlockCount);
    return stored.write();
  }
}
