package io.lamina.thin;

import io.lamina.block.MemoryDevice;
import io.lamina.persist.space.BlockRun;
import java.io.IOException;

/** A pool in memory of one volume, whose counts are made wrong. */
public final class LeakyPool {
  private static final int BLOCK_BYTES = 65536;
  private static final int DATA_BLOCKS = 100;

  private final byte[] metadata = MemoryPool.format(128, BLOCK_BYTES, DATA_BLOCKS);

  /** One with 10 mapped blocks, and sound. */
  public LeakyPool() throws IOException {
    change(
        now -> {
          now.createThin(1);
          BlockRun blocks = now.dataCounts().reserve(10);
          now.map(1, 0, blocks);
        });
  }

  private void change(LiveMetadata.Change change) throws IOException {
    LiveMetadata live =
        LiveMetadata.open(
            "pool", new MemoryDevice(metadata, "metadata"), new NoDataDevice(DATA_BLOCKS));
    live.change(change);
    live.change(now -> now.setTransactionId(now.current().transactionId() + 1));
    live.commit();
  }

  /** The metadata, as last committed. */
  public byte[] metadata() {
    return metadata;
  }

  /** Counts so many data blocks that nobody maps. */
  public void leakData(int count) throws IOException {
    change(now -> now.dataCounts().useReserved(now.dataCounts().reserve(count)));
  }

  /** Counts so many metadata blocks that nobody refers to. */
  public void leakMetadata(int count) throws IOException {
    change(
        now -> {
          for (int i = 0; i < count; i++) {
            long unused = now.metadataCounts().allocate();
          }
        });
  }

  /** Counts a mapped block as free. */
  public void underCount() throws IOException {
    change(now -> now.dataCounts().decrement(0));
  }

  /** Sets needs_check. */
  public void askForACheck() throws IOException {
    change(PoolTransaction::setNeedsCheck);
  }
}
