package io.lamina.thin;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import io.lamina.persist.space.BlockRun;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The room in a pool's data device: kept for writes that are about to happen, waited for, and given
 * back to the host. Safe for use by many threads.
 *
 * <p>A block that was freed is not handed out before all who may still look at it have left ({@link
 * Quiescence}); nobody waits for that holding a lock.
 */
final class DataSpace {
  private static final Logger log = LoggerFactory.getLogger(DataSpace.class);

  private static final int DISCARD_BLOCKS = 4096;
  private static final long IDLE_SECONDS = 1;

  /**
   * So long after a commit its freed blocks are passed down: the host's next flush takes longer for
   * it, and the one who asked for this commit mostly has a flush or two to go.
   */
  private static final long RELEASE_NANOS = 100_000_000;

  /** Metadata become free without anybody being told. */
  private static final long LOOK_AGAIN_NANOS = 1_000_000_000;

  private final String pool;
  private final LiveMetadata live;
  private final WritableDevice data;
  private final int blockBytes;
  private final WriteOptions options;
  private final Quiescence readers;
  private final Condition spaceFreed;
  private final Executor releaser = DaemonThreads.pool("lamina-discard", 1, IDLE_SECONDS);
  private final Condition hurried;

  /** How many wait for room, or for all that was freed. Guarded by the mutator, as the next. */
  private int waiting;

  private boolean isLow;

  DataSpace(
      String pool,
      LiveMetadata live,
      WritableDevice data,
      int blockBytes,
      WriteOptions options,
      Quiescence readers) {
    this.pool = pool;
    this.live = live;
    this.data = data;
    this.blockBytes = blockBytes;
    this.options = options;
    this.readers = readers;
    this.spaceFreed = live.mutator().newCondition();
    this.hurried = live.mutator().newCondition();
  }

  /**
   * Room for neighbouring data blocks, which are written next and then mapped or given to {@link
   * #cancel}.
   *
   * @param kept so many free blocks are left to others, and with them metadata
   * @throws OutOfSpaceException when there is none just now: see {@link #await}
   */
  BlockRun reserve(int wanted, long kept) throws IOException {
    @Nullable BlockRun reserved = tryReserve(wanted, kept);
    if (reserved == null) {
      live.commit(); // what was freed is free after the commit
      awaitReleased(kept); // or another's commit has just freed it
      reserved = tryReserve(wanted, kept);
    }
    if (reserved == null) {
      if (kept == 0) {
        live.setMode(PoolMode.OUT_OF_DATA_SPACE);
      }
      throw full();
    }
    return reserved;
  }

  private static LiveMetadata.Kept metadataFor(long kept) {
    return kept == 0 ? LiveMetadata.Kept.TO_FREE : LiveMetadata.Kept.TO_FREE_AND_WRITE;
  }

  private OutOfSpaceException full() {
    return live.hasRoom(LiveMetadata.Kept.TO_FREE)
        ? new OutOfSpaceException(pool + ": no data space left")
        : live.noMetadataSpace();
  }

  private @Nullable BlockRun tryReserve(int wanted, long kept) throws IOException {
    live.lockWithRoom(metadataFor(kept));
    try {
      live.checkWritable();
      CountingSpaceMap counts = live.transaction().dataCounts();
      long available = counts.freeCount() - kept;
      if (available <= 0) {
        return null;
      }
      BlockRun reserved = counts.reserve((int) Math.min(wanted, available));
      checkLowWater();
      return reserved;
    } finally {
      live.mutator().unlock();
    }
  }

  private void awaitReleased(long kept) {
    hurry();
    try {
      while (live.transaction().dataCounts().freeCount() <= kept && live.isReleasing()) {
        spaceFreed.awaitUninterruptibly();
      }
    } finally {
      noHurry();
    }
  }

  /** Takes the mutator; until {@link #noHurry}, what was freed is passed down at once. */
  private void hurry() {
    live.mutator().lock();
    waiting++;
    hurried.signalAll();
  }

  /** Lets go of the mutator. */
  private void noHurry() {
    waiting--;
    live.mutator().unlock();
  }

  /**
   * Returns when there may be room; the caller holds no lock, so that others can make some.
   *
   * @param deadline by {@link System#nanoTime}
   * @throws OutOfSpaceException when none came in time
   */
  void await(long deadline, long kept) throws IOException {
    hurry();
    try {
      while (live.transaction().dataCounts().freeCount() <= kept
          || !live.hasRoom(metadataFor(kept))) {
        long left = deadline - System.nanoTime();
        if (left <= 0) {
          throw full();
        }
        long unused = spaceFreed.awaitNanos(Math.min(left, LOOK_AGAIN_NANOS));
        live.checkWritable();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw full();
    } finally {
      noHurry();
    }
  }

  /** Says once that the mark was crossed, and again after there was more. */
  private void checkLowWater() {
    long freeCount = live.transaction().dataCounts().freeCount();
    boolean low = freeCount < options.lowWaterBlocks();
    if (low && !isLow) {
      log.warn(
          "{}: {} data blocks are left, below the low water mark of {}",
          pool,
          freeCount,
          options.lowWaterBlocks());
    }
    isLow = low;
  }

  /** Reserved blocks that could not be written. */
  void cancel(BlockRun blocks) throws IOException {
    live.mutator().lock();
    try {
      if (live.isBroken()) {
        return; // the transaction that they were reserved in is gone
      }
      live.transaction().dataCounts().cancelReserved(blocks);
      spaceFreed.signalAll();
    } finally {
      live.mutator().unlock();
    }
  }

  /**
   * Blocks that a commit freed are passed down and may be used again, a little later: whoever asked
   * for the commit does not wait for that.
   */
  void release(List<BlockRun> freed) {
    long due = System.nanoTime() + RELEASE_NANOS;
    releaser.execute(
        () -> {
          try {
            awaitDue(due);
            releaseNow(freed);
          } catch (IOException | RuntimeException e) {
            log.error("{}: freed blocks cannot be used before the next opening", pool, e);
          }
        });
  }

  private void awaitDue(long due) {
    live.mutator().lock();
    try {
      long left = due - System.nanoTime();
      while (waiting == 0 && left > 0) {
        left = hurried.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // then it is passed down at once
    } finally {
      live.mutator().unlock();
    }
  }

  /** Returns when all blocks that were freed by a commit up to now may be used again. */
  void finishReleases() {
    hurry();
    live.mutator().unlock();
    CompletableFuture.runAsync(() -> {}, releaser).join(); // it does one after another
    live.mutator().lock();
    noHurry();
  }

  private void releaseNow(List<BlockRun> freed) throws IOException {
    try {
      readers.await();
      if (options.discard() == WriteOptions.Discard.PASSDOWN) {
        passDown(freed);
      }
    } finally {
      live.mutator().lock();
      try {
        live.released();
        if (!live.isBroken()) {
          live.transaction().dataCounts().letGo(freed);
          noteRoom();
        }
        spaceFreed.signalAll();
      } finally {
        live.mutator().unlock();
      }
    }
  }

  /**
   * Gives all free blocks back to the host, which may still keep what they once held. Nobody gets
   * them meanwhile, a part at a time.
   *
   * @return how many bytes
   */
  long discardFree() throws IOException {
    long byteCount = 0;
    long position = 0;
    while (true) {
      @Nullable BlockRun run = reserveFrom(position);
      if (run == null) {
        return byteCount;
      }
      try {
        data.discard(run.first() * blockBytes, run.count() * blockBytes);
        byteCount += run.count() * blockBytes;
      } finally {
        cancel(run);
      }
      position = run.end();
    }
  }

  private @Nullable BlockRun reserveFrom(long start) throws IOException {
    live.mutator().lock();
    try {
      live.checkWritable();
      return live.transaction().dataCounts().reserveFrom(start, DISCARD_BLOCKS);
    } finally {
      live.mutator().unlock();
    }
  }

  /** There is more room; the caller holds the mutator. */
  void noteRoom() {
    live.setMode(PoolMode.WRITE);
    checkLowWater();
    spaceFreed.signalAll();
  }

  private void passDown(List<BlockRun> blocks) {
    try {
      for (BlockRun run : blocks) {
        data.discard(run.first() * blockBytes, run.count() * blockBytes);
      }
    } catch (IOException e) {
      log.warn("{}: freed blocks cannot be given back to the host: {}", pool, e.toString());
    }
  }
}
