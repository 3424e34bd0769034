package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.source.PoolSource;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConcurrencyTest {
  private static final int BLOCK_BYTES = 65536;
  private static final int THREADS = 6;
  private static final int PAGE_BYTES = 4096;
  private static final int STRESS_THREADS = 8;
  private static final int VOLUMES = 3;

  private static WritablePool pool() throws IOException {
    MemoryDevice metadata = new MemoryDevice(new byte[512 * 4096], "metadata");
    PoolFormat.create(metadata, BLOCK_BYTES, 800);
    return WritablePool.open(
        PoolSource.files(Path.of("metadata"), Path.of("data")),
        metadata,
        new MemoryDevice(new byte[800 * BLOCK_BYTES], "data"),
        PoolOptions.DEFAULT,
        WriteOptions.DEFAULT);
  }

  /** Each thread owns every sixth page of every volume; snapshots, commits and deletes go on. */
  @Test
  void manyWritersReadersAndSnapshotsKeepTheirBytes() throws Exception {
    try (WritablePool pool = pool()) {
      pool.createThin(0);
      pool.createThin(1);
      ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int mine = i;
        running.add(threads.submit(writer(pool, mine)));
      }
      running.add(threads.submit(snapshots(pool)));
      for (Future<?> each : running) {
        each.get(2, TimeUnit.MINUTES);
      }
      threads.shutdown();
      pool.delete(0);
      pool.delete(1);
      pool.commit();
      assertThat(pool.status().usedDataBlocks()).isZero();
    }
  }

  /** All that changes a pool, at once, for some seconds: nobody may wait for ever. */
  @Test
  void noMixtureOfOperationsEndsInADeadlock() throws Exception {
    byte[] metadata = MemoryPool.format(512, BLOCK_BYTES, 800);
    MemoryDevice data = new MemoryDevice(new byte[800 * BLOCK_BYTES], "data");
    try (WritablePool pool = MemoryPool.open(new MemoryDevice(metadata, "metadata"), data)) {
      for (int id = 0; id < VOLUMES; id++) {
        pool.createThin(id);
      }
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      List<LockStress> stresses = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < STRESS_THREADS; i++) {
        LockStress stress = new LockStress(pool, VOLUMES, VOLUMES + i, end);
        stresses.add(stress);
        threads.add(new Thread(stress, "stress " + i));
      }
      threads.forEach(Thread::start);
      requireTheyEnd(threads, end + TimeUnit.SECONDS.toNanos(20));
      for (LockStress stress : stresses) {
        assertThat(stress.failure()).isEmpty();
        assertThat(stress.stepCount()).isPositive();
      }
      for (int id : pool.volumeIds()) {
        pool.delete(id);
      }
      pool.commit();
      assertThat(pool.status().usedDataBlocks()).isZero();
    }
    MemoryPool.check(metadata, data.size());
  }

  private static void requireTheyEnd(List<Thread> threads, long deadline)
      throws InterruptedException {
    ThreadMXBean watch = ManagementFactory.getThreadMXBean();
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        thread.join(100);
        assertThat(watch.findDeadlockedThreads()).as("deadlocked threads").isNull();
        assertThat(System.nanoTime() - deadline)
            .as(() -> thread + " waits at " + Arrays.toString(thread.getStackTrace()))
            .isNegative();
      }
    }
  }

  private static Callable<Void> writer(WritablePool pool, int mine) {
    return () -> {
      Random random = new Random(mine);
      int pageCount = 100 * BLOCK_BYTES / PAGE_BYTES;
      byte[][] last = new byte[2][pageCount];
      ByteBuffer page = ByteBuffer.allocateDirect(PAGE_BYTES);
      for (int i = 0; i < 4000; i++) {
        int id = random.nextInt(2);
        int pageNr = random.nextInt(pageCount / THREADS) * THREADS + mine;
        WritableVolume volume = pool.volume(id).withSize(100L * BLOCK_BYTES);
        page.clear();
        if (random.nextBoolean()) {
          byte value = (byte) random.nextInt();
          while (page.hasRemaining()) {
            page.put(value);
          }
          volume.write((long) pageNr * PAGE_BYTES, page.flip());
          last[id][pageNr] = value;
        } else {
          volume.read((long) pageNr * PAGE_BYTES, page);
          for (int at = 0; at < PAGE_BYTES; at += 512) {
            assertThat(page.get(at)).isEqualTo(last[id][pageNr]);
          }
        }
        if (i % 500 == 0) {
          volume.flush();
        }
      }
      return null;
    };
  }

  private static Callable<Void> snapshots(WritablePool pool) {
    return () -> {
      for (int id = 10; id < 60; id++) {
        pool.createSnapshot(id, id % 2);
        ByteBuffer first = ByteBuffer.allocate(BLOCK_BYTES);
        pool.volume(id).withSize(100L * BLOCK_BYTES).read(0, first);
        pool.commit();
        ByteBuffer again = ByteBuffer.allocate(BLOCK_BYTES);
        pool.volume(id).withSize(100L * BLOCK_BYTES).read(0, again);
        assertThat(again.flip()).isEqualTo(first.flip());
        pool.delete(id);
      }
      return null;
    };
  }
}
