package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.persist.BlockManager;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PoolTransactionTest {
  private static final int READERS = 2;
  private static final int CHANGES = 200_000;

  private final AtomicBoolean over = new AtomicBoolean();

  private static PoolTransaction transaction() throws IOException {
    MemoryDevice metadata = new MemoryDevice(MemoryPool.format(64, 65_536, 100), "metadata");
    Superblock committed = Superblock.read(metadata, Superblock.BLOCK_NR);
    return new PoolTransaction(metadata, new BlockManager(metadata, 1 << 20), committed);
  }

  /** Reads as those do who look up mappings: without a lock. */
  private void read(PoolTransaction transaction) {
    while (!over.get()) {
      assertThat(transaction.view()).isNotNull();
    }
  }

  @Test
  void readersNeverPutAnOldViewBack() throws Exception {
    PoolTransaction transaction = transaction();
    ExecutorService threads = Executors.newFixedThreadPool(READERS);
    List<Future<?>> readers = new ArrayList<>();
    try {
      for (int i = 0; i < READERS; i++) {
        readers.add(threads.submit(() -> read(transaction)));
      }
      for (long id = 1; id <= CHANGES; id++) {
        transaction.setTransactionId(id);
        assertThat(transaction.view().shown().transactionId()).isEqualTo(id);
      }
    } finally {
      over.set(true);
      threads.shutdown();
    }
    for (Future<?> reader : readers) {
      reader.get();
    }
    assertThat(transaction.view().shown().transactionId()).isEqualTo(CHANGES);
  }
}
