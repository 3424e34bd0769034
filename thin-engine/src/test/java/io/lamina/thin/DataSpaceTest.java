package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.lamina.block.HolePuncher;
import io.lamina.block.MemoryDevice;
import io.lamina.block.OutOfSpaceException;
import io.lamina.thin.WriteOptions.Discard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DataSpaceTest {
  private static final int BLOCK_BYTES = 65536;
  private static final int BLOCKS = 10;

  private final byte[] data = new byte[BLOCKS * BLOCK_BYTES];

  private WritablePool open(Discard discard, Duration timeout, long lowWater) throws IOException {
    WritablePool pool =
        MemoryPool.open(
            new MemoryDevice(MemoryPool.format(128, BLOCK_BYTES, BLOCKS), "metadata"),
            new MemoryDevice(data, "data"),
            new WriteOptions(false, discard, timeout, lowWater, HolePuncher.NONE));
    pool.createThin(1);
    return pool;
  }

  private static WritableVolume volume(WritablePool pool) throws IOException {
    return pool.volume(1).withSize(100L * BLOCK_BYTES);
  }

  private static void fill(WritableVolume volume, int firstBlock, int count) throws IOException {
    byte[] bytes = new byte[count * BLOCK_BYTES];
    Arrays.fill(bytes, (byte) 1);
    volume.write((long) firstBlock * BLOCK_BYTES, ByteBuffer.wrap(bytes));
  }

  @Test
  void aWriteWaitsForRoomAndOthersCanMakeIt() throws Exception {
    try (WritablePool pool = open(Discard.PASSDOWN, Duration.ofMinutes(1), 0)) {
      WritableVolume volume = volume(pool);
      fill(volume, 0, BLOCKS);
      CompletableFuture<Void> waiting =
          CompletableFuture.runAsync(unchecked(() -> fill(volume, 50, 2)));
      while (pool.status().mode() != PoolMode.OUT_OF_DATA_SPACE) {
        Thread.sleep(1);
      }
      assertThat(waiting).isNotDone();
      volume.discard(0, 3L * BLOCK_BYTES);
      volume.flush();
      waiting.get(1, TimeUnit.MINUTES);
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @Test
  void aFlushDoesNotWaitForFreedBlocksToBeGivenBackButCommitAndCloseDo() throws Exception {
    Semaphore discards = new Semaphore(0);
    NoDataDevice slow =
        new NoDataDevice((long) BLOCKS * BLOCK_BYTES) {
          @Override
          public void discard(long offset, long length) {
            discards.acquireUninterruptibly();
          }
        };
    byte[] metadata = MemoryPool.format(128, BLOCK_BYTES, BLOCKS);
    WritablePool pool = MemoryPool.open(new MemoryDevice(metadata, "metadata"), slow);
    pool.createThin(1);
    WritableVolume volume = volume(pool);
    fill(volume, 0, BLOCKS);
    volume.discard(0, BLOCK_BYTES);
    volume.flush();
    assertThat(pool.status().usedDataBlocks()).isEqualTo(BLOCKS - 1);
    assertThat(volume.roomBytes()).isEqualTo(BLOCK_BYTES); // a write that takes it waits for it
    assertEndsWith(discards, () -> fill(volume, 20, 1));
    volume.discard(BLOCK_BYTES, BLOCK_BYTES);
    assertEndsWith(discards, pool::commit);
    volume.discard(2L * BLOCK_BYTES, BLOCK_BYTES);
    assertEndsWith(discards, pool::close);
  }

  /** It waits for one discard. */
  private static void assertEndsWith(Semaphore discards, Work work) throws Exception {
    CompletableFuture<Void> done = CompletableFuture.runAsync(unchecked(work));
    assertThatThrownBy(() -> done.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    discards.release();
    done.get(1, TimeUnit.MINUTES);
  }

  private interface Work {
    void run() throws IOException;
  }

  private static Runnable unchecked(Work work) {
    return () -> {
      try {
        work.run();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    };
  }

  @Test
  void withoutRoomForMappingsAWriteIsRefusedAndDiscardsGoOn() throws Exception {
    int blocks = 20_000;
    byte[] metadata = MemoryPool.format(64, BLOCK_BYTES, blocks);
    try (WritablePool pool =
        MemoryPool.open(
            new MemoryDevice(metadata, "metadata"),
            new NoDataDevice((long) blocks * BLOCK_BYTES))) {
      pool.createThin(1);
      WritableVolume volume = pool.volume(1).withSize((long) blocks * BLOCK_BYTES);
      int written = fillUp(volume, blocks);
      assertThat(written).isBetween(1000, blocks - 1);
      assertThat(volume.roomBytes()).isZero();
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
      assertThatThrownBy(() -> pool.createSnapshot(2, 1))
          .isInstanceOf(OutOfSpaceException.class)
          .hasMessageContaining("no metadata space left");
      fill(volume, 0, 1); // what is mapped needs no room
      pool.commit();
      for (int block = 0; block < written; block += 3) {
        volume.discard((long) block * BLOCK_BYTES, BLOCK_BYTES);
      }
      volume.discard(0, volume.size());
      pool.commit();
      assertThat(pool.status().usedDataBlocks()).isZero();
      assertThat(fillUp(volume, blocks)).isEqualTo(written);
    }
    MemoryPool.check(metadata, (long) blocks * BLOCK_BYTES);
  }

  /** Writes blocks one after another; gives how many there was room for. */
  private static int fillUp(WritableVolume volume, int most) throws IOException {
    for (int block = 0; block < most; block++) {
      try {
        fill(volume, block, 1);
      } catch (OutOfSpaceException e) {
        return block;
      }
    }
    return most;
  }

  @Test
  void whatDidNotFitIsToldAfterTheTimeGivenForIt() throws Exception {
    try (WritablePool pool = open(Discard.PASSDOWN, Duration.ofMillis(30), 0)) {
      fill(volume(pool), 0, BLOCKS);
      assertThatThrownBy(() -> fill(volume(pool), 50, 1)).isInstanceOf(OutOfSpaceException.class);
    }
  }

  @Test
  void theLowWaterMarkIsLoggedOnceForEachCrossing() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(DataSpace.class);
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    logger.addAppender(events);
    try (WritablePool pool = open(Discard.PASSDOWN, Duration.ZERO, 5)) {
      WritableVolume volume = volume(pool);
      fill(volume, 0, 5);
      assertThat(events.list).isEmpty();
      fill(volume, 5, 1);
      fill(volume, 6, 1);
      assertThat(events.list).hasSize(1);
      volume.discard(0, 5L * BLOCK_BYTES);
      pool.commit();
      fill(volume, 0, 4);
      assertThat(events.list).hasSize(2);
    } finally {
      logger.detachAppender(events);
    }
  }

  @Test
  void discardsPassDownOnlyWhereThatIsAsked() throws Exception {
    for (Discard discard : List.of(Discard.IGNORE, Discard.NO_PASSDOWN, Discard.PASSDOWN)) {
      Arrays.fill(data, (byte) 0);
      try (WritablePool pool = open(discard, Duration.ZERO, 0)) {
        WritableVolume volume = volume(pool);
        fill(volume, 0, 4);
        volume.discard(0, 2L * BLOCK_BYTES);
        pool.commit(); // and not a flush alone, which leaves that for later
        assertThat(pool.status().usedDataBlocks()).isEqualTo(discard == Discard.IGNORE ? 4 : 2);
        assertThat(usedBlocks()).isEqualTo(discard == Discard.PASSDOWN ? 2 : 4);
      }
    }
  }

  @Test
  void allFreeSpaceCanBeGivenBack() throws Exception {
    Arrays.fill(data, (byte) 7);
    try (WritablePool pool = open(Discard.NO_PASSDOWN, Duration.ZERO, 0)) {
      fill(volume(pool), 3, 4);
      assertThat(pool.discardFree()).isEqualTo(6L * BLOCK_BYTES);
      assertThat(usedBlocks()).isEqualTo(4);
      fill(volume(pool), 10, 6);
    }
  }

  private int usedBlocks() {
    int count = 0;
    for (int i = 0; i < BLOCKS; i++) {
      count += data[i * BLOCK_BYTES] == 0 ? 0 : 1;
    }
    return count;
  }
}
