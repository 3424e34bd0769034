package io.lamina.persist;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The metadata device: blocks are read and verified once, and then served from a bounded cache.
 *
 * <p>Safe for use by many threads. Two threads that miss the same block both read it.
 */
public final class BlockManager implements BlockReader {
  /** The one size of metadata blocks. */
  public static final int BLOCK_BYTES = 4096;

  private final BlockDevice device;
  private final Cache<Long, Cached> cache;

  private record Cached(BlockType<?> type, Object block, ByteBuffer bytes) {}

  /**
   * The blocks of a device.
   *
   * @param cacheBytes how much of them to keep in memory
   */
  public BlockManager(BlockDevice device, long cacheBytes) {
    this.device = device;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(cacheBytes)
            .weigher((Long blockNr, Cached cached) -> BLOCK_BYTES)
            .executor(Runnable::run)
            .build();
  }

  @Override
  public long blockCount() {
    return device.size() / BLOCK_BYTES;
  }

  @Override
  @SuppressWarnings("unchecked") // a type decodes to its own T only
  public <T> T read(long blockNr, BlockType<T> type) throws IOException {
    Cached cached = cache.getIfPresent(blockNr);
    if (cached != null && cached.type() == type) {
      return (T) cached.block();
    }
    return (T) load(blockNr, type).block();
  }

  /** The same, of a block that is not going to be looked at again: it takes nobody's place. */
  @SuppressWarnings("unchecked") // as above
  <T> T readOnce(long blockNr, BlockType<T> type) throws IOException {
    Cached cached = cache.getIfPresent(blockNr);
    return (T) (cached != null && cached.type() == type ? cached : fetch(blockNr, type)).block();
  }

  private Cached load(long blockNr, BlockType<?> type) throws IOException {
    Cached loaded = fetch(blockNr, type);
    cache.put(blockNr, loaded);
    return loaded;
  }

  private Cached fetch(long blockNr, BlockType<?> type) throws IOException {
    checkInside(blockNr, type);
    ByteBuffer bytes = ByteBuffer.allocate(BLOCK_BYTES);
    device.read(blockNr * BLOCK_BYTES, bytes);
    bytes.clear();
    BlockHeader.verify(blockNr, bytes, type);
    return new Cached(type, (Object) type.decode(blockNr, bytes), bytes);
  }

  /** The bytes of a verified block; not to be written to. */
  byte[] bytes(long blockNr, BlockType<?> type) throws IOException {
    Cached cached = cache.getIfPresent(blockNr);
    return (cached != null && cached.type() == type ? cached : load(blockNr, type)).bytes().array();
  }

  /** A transaction has written a block: what is cached of it is out of date. */
  <T> void replace(long blockNr, BlockType<T> type, T block, ByteBuffer bytes) {
    cache.put(blockNr, new Cached(type, (Object) block, bytes));
  }

  private void checkInside(long blockNr, BlockType<?> type) throws CorruptException {
    if (Long.compareUnsigned(blockNr, blockCount()) >= 0) {
      throw new CorruptException(
          new Damage(
              type.structure(),
              blockNr,
              "block number",
              "less than " + blockCount(),
              Long.toUnsignedString(blockNr)));
    }
  }
}
