package io.lamina.thin.restore;

import io.lamina.persist.BlockManager;
import io.lamina.persist.space.Bitmap;
import io.lamina.persist.space.IndexBlock;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.Mapping;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.Superblock;
import io.lamina.thin.SuperblockBuilder;
import io.lamina.thin.check.Counts;
import io.lamina.thin.dump.MetadataVisitor;
import io.lamina.thin.dump.PoolFacts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/**
 * Writes new metadata of what it is shown, in one pass. Nothing is a pool before the last step, the
 * superblock. Mappings are not shared between devices by their nodes: that is not in the stream.
 *
 * <p>Memory: a byte for each data block in use.
 */
public final class MetadataRestore implements MetadataVisitor {
  /** The most that the map of the metadata can count: 16 GiB, nearly. */
  public static final long MAX_BLOCKS = (long) IndexBlock.ENTRY_COUNT * Bitmap.ENTRY_COUNT;

  private static final long MIN_BLOCKS = 1024;

  /** The kernel's rule of thumb for the size of metadata: bytes for each data block. */
  private static final long BYTES_A_DATA_BLOCK = 48;

  private final FileChannel channel;
  private final long fixedBlocks;
  private final String name;
  private final BlockAppender out;
  private final BTreeBuilder devices;
  private final BTreeBuilder details;
  private @Nullable PoolFacts facts;
  private Counts data = new Counts(0);
  private BTreeBuilder mappings;
  private DeviceDetails device = new DeviceDetails(0, 0, 0, 0);
  private long deviceId = -1;
  private long mappedBlocks;
  private long lastVirtualBlockNr;

  /**
   * Writes to a file.
   *
   * @param name what to call it in messages
   * @param blockCount how large the metadata are to be; 0 for as large as seems good, in which case
   *     the file gets that length
   */
  public MetadataRestore(FileChannel channel, String name, long blockCount) {
    this.channel = channel;
    this.name = name;
    this.fixedBlocks = Math.min(blockCount, MAX_BLOCKS);
    this.out = new BlockAppender(channel, name, blockCount == 0 ? MAX_BLOCKS : fixedBlocks);
    this.devices = new BTreeBuilder(out, PoolMetadata.MAPPING_BYTES);
    this.details = new BTreeBuilder(out, DeviceDetails.BYTES);
    this.mappings = new BTreeBuilder(out, PoolMetadata.MAPPING_BYTES);
  }

  @Override
  public void pool(PoolFacts poolFacts) throws IOException {
    facts = poolFacts;
    long most = (fixedBlocks == 0 ? MAX_BLOCKS : fixedBlocks) * Bitmap.ENTRY_COUNT;
    if (Long.compareUnsigned(poolFacts.dataBlockCount(), most) > 0) {
      throw new IOException(
          name
              + ": too small for the counts of "
              + Long.toUnsignedString(poolFacts.dataBlockCount())
              + " data blocks");
    }
    data = new Counts(poolFacts.dataBlockCount());
  }

  @Override
  public void device(long id, DeviceDetails deviceDetails) throws IOException {
    if (id < 0 || id > PoolMetadata.MAX_DEVICE_ID || id <= deviceId) {
      throw new IOException(
          "device " + Long.toUnsignedString(id) + ": ids must ascend, up to 2^24 - 1");
    }
    deviceId = id;
    device = deviceDetails;
    mappedBlocks = 0;
    mappings = new BTreeBuilder(out, PoolMetadata.MAPPING_BYTES);
  }

  @Override
  public void mapping(long virtualBlockNr, long dataBlockNr, int time) throws IOException {
    if (mappedBlocks > 0 && Long.compareUnsigned(virtualBlockNr, lastVirtualBlockNr) <= 0) {
      throw wrong(virtualBlockNr, "virtual blocks must ascend");
    }
    if (!data.covers(dataBlockNr)) {
      throw wrong(
          virtualBlockNr,
          "data block " + Long.toUnsignedString(dataBlockNr) + " is not below nr_data_blocks");
    }
    lastVirtualBlockNr = virtualBlockNr;
    mappedBlocks++;
    data.increment(dataBlockNr);
    mappings.add(virtualBlockNr, new Mapping(dataBlockNr, time).pack());
  }

  private IOException wrong(long virtualBlockNr, String what) {
    return new IOException(
        "device " + deviceId + ", block " + Long.toUnsignedString(virtualBlockNr) + ": " + what);
  }

  @Override
  public void endDevice() throws IOException {
    devices.add(deviceId, mappings.finish());
    int at = details.add(deviceId);
    new DeviceDetails(
            mappedBlocks, device.createdIn(), device.creationTime(), device.snapshottedTime())
        .put(details.bytes(), at);
  }

  @Override
  public void endPool() throws IOException {
    PoolFacts pool = facts;
    if (pool == null) {
      throw new IOException("no superblock");
    }
    long mappingRoot = devices.finish();
    long detailsRoot = details.finish();
    SpaceMapRoot dataMap = new SpaceMapWriter(out, pool.dataBlockCount(), data::get).writeOfData();
    long blockCount = fixedBlocks == 0 ? goodSize(pool) : fixedBlocks;
    // From here on, what is still to be written is known: bitmaps, an empty overflow tree, an
    // index.
    long used = out.next() + SpaceMapWriter.bitmapCount(blockCount) + 2;
    SpaceMapRoot metadataMap =
        new SpaceMapWriter(out, blockCount, blockNr -> blockNr < used ? 1 : 0).writeOfMetadata();
    Superblock superblock =
        new SuperblockBuilder(pool.dataBlockSectors(), blockCount)
            .flags(pool.flags())
            .time(pool.time())
            .transactionId(pool.transactionId())
            .roots(mappingRoot, detailsRoot)
            .spaceMaps(dataMap, metadataMap)
            .build();
    out.flush();
    if (fixedBlocks == 0) {
      setLength(blockCount * BlockManager.BLOCK_BYTES);
    }
    out.finish(superblock.toBlock(Superblock.BLOCK_NR));
  }

  private long goodSize(PoolFacts pool) {
    long forData = pool.dataBlockCount() * BYTES_A_DATA_BLOCK / BlockManager.BLOCK_BYTES;
    long size = Math.max(MIN_BLOCKS, Math.max(2 * out.next(), forData));
    return Math.min(MAX_BLOCKS, (size + MIN_BLOCKS - 1) / MIN_BLOCKS * MIN_BLOCKS);
  }

  private void setLength(long byteCount) throws IOException {
    if (channel.size() < byteCount) {
      channel.write(java.nio.ByteBuffer.allocate(1), byteCount - 1);
    }
  }
}
