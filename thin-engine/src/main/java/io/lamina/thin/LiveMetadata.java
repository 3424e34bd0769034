package io.lamina.thin;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.space.BlockRun;
import io.lamina.persist.space.CountingSpaceMap;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running transaction of a pool: changes go into it one at a time, commits make it last. Safe
 * for use by many threads.
 *
 * <p>A commit settles what was changed, in memory, and writes it while the next transaction goes
 * on: nobody who changes or looks something up waits for the disk.
 *
 * <p>An error while metadata are changed or committed throws away what was not committed; from then
 * on nothing is changed any more, and every commit fails: whoever asks whether writes have come to
 * stay hears that some have not.
 *
 * <p>Locks, in this order: {@code committing} (one commit at a time) → {@code mutator} (one change
 * at a time) → {@code tree} (shared by lookups, alone for a change in memory) → {@code writing}
 * (the blocks of a commit are on their way) → {@code flushing} (one flush of the data at a time).
 */
final class LiveMetadata {
  private static final Logger log = LoggerFactory.getLogger(LiveMetadata.class);

  private static final int LARGE_TRANSACTION_BLOCKS = 2048;
  private static final long MIN_RESERVE = 16;
  private static final long MAX_RESERVE = 1024;

  /** In a leaf that was split: at least so many mappings a metadata block takes. */
  private static final long MAPPINGS_IN_HALF_A_LEAF = 126;

  private final String pool;
  private final WritableDevice device;
  private final WritableDevice data;
  private final ReentrantLock committing = new ReentrantLock(true);
  private final ReentrantLock mutator = new ReentrantLock(true); // all in turn
  private final ReentrantReadWriteLock tree = new ReentrantReadWriteLock();
  private final ReentrantLock writing = new ReentrantLock();
  private final ReentrantLock flushing = new ReentrantLock();
  private volatile PoolTransaction transaction;
  private volatile PoolMode mode = PoolMode.WRITE;
  private volatile boolean dataWritten;
  private Runnable onAbort = () -> {};
  private Freed onFreed = freed -> {};

  /** How many have been told of freed blocks, and have not let go of them yet. */
  private int releasing;

  private LiveMetadata(
      String pool, WritableDevice device, WritableDevice data, PoolTransaction transaction) {
    this.pool = pool;
    this.device = device;
    this.data = data;
    this.transaction = transaction;
  }

  /** Begins a transaction on what was last committed. */
  static LiveMetadata open(String pool, WritableDevice device, WritableDevice data)
      throws IOException {
    return new LiveMetadata(pool, device, data, load(device));
  }

  private static PoolTransaction load(WritableDevice device) throws IOException {
    PoolMetadata checked = PoolMetadata.open(device, false, ThinPool.CACHE_BYTES);
    return new PoolTransaction(
        device, new BlockManager(device, ThinPool.CACHE_BYTES), checked.committed());
  }

  /** Who is told, holding {@code tree} alone, that the trees are those of the last commit again. */
  void onAbort(Runnable action) {
    onAbort = action;
  }

  /** Somebody who waits for data blocks. */
  interface Freed {
    void release(List<BlockRun> freed);
  }

  /** Whether blocks will be free without anything more being done; asked with the mutator held. */
  boolean isReleasing() {
    return releasing > 0;
  }

  /** Whoever was told of freed blocks is done with them; said with the mutator held. */
  void released() {
    releasing--;
  }

  /** Who is told, holding no lock, of data blocks that a commit has freed. */
  void onFreed(Freed action) {
    onFreed = action;
  }

  /** The transaction; whoever changes or counts something in it holds {@link #mutator}. */
  PoolTransaction transaction() {
    return transaction;
  }

  ReentrantLock mutator() {
    return mutator;
  }

  PoolMode mode() {
    return mode;
  }

  /** To and from {@link PoolMode#OUT_OF_DATA_SPACE}; what an error has set stays. */
  synchronized void setMode(PoolMode newMode) {
    if (!isBroken()) {
      mode = newMode;
    }
  }

  private synchronized void fail(PoolMode newMode, Exception cause) {
    if (!isBroken()) {
      log.error("{}: read only from now on: {}", pool, cause.toString());
    }
    mode = newMode;
  }

  boolean isBroken() {
    return mode == PoolMode.READ_ONLY || mode == PoolMode.FAIL;
  }

  void checkWritable() throws IOException {
    if (isBroken()) {
      throw new IOException(pool + ": the pool is read only after an error: " + mode.word());
    }
  }

  /** To be called after data were written. */
  void noteDataWritten() {
    dataWritten = true;
  }

  /** The leaf that has the say about a block of a device, as it is at the moment. */
  Leaf leaf(int deviceId, long virtualBlockNr, Consumer<Leaf> remember) throws IOException {
    tree.readLock().lock();
    try {
      PoolMetadata now = transaction.view();
      OptionalLong root = transaction.deviceRoot(deviceId);
      if (root.isEmpty()) {
        throw new IOException(pool + ": no thin device " + deviceId);
      }
      Leaf leaf = now.mappings().leaf(root.getAsLong(), virtualBlockNr);
      remember.accept(leaf);
      return leaf;
    } finally {
      tree.readLock().unlock();
    }
  }

  /** A change of the transaction. */
  interface Change {
    void run(PoolTransaction transaction) throws IOException;
  }

  /** Makes a change. */
  void change(Change change) throws IOException {
    mutator.lock();
    try {
      checkWritable();
      tree.writeLock().lock();
      try {
        change.run(transaction);
      } catch (IOException | RuntimeException e) {
        abort(e, true);
        throw e;
      } finally {
        tree.writeLock().unlock();
      }
    } finally {
      mutator.unlock();
    }
  }

  /** Whether it is time for a commit. */
  boolean isLarge() {
    return transaction.changedBlockCount() > LARGE_TRANSACTION_BLOCKS;
  }

  /** Whether nothing more should be changed before a commit. */
  boolean isTooLarge() {
    return transaction.changedBlockCount() > 2 * LARGE_TRANSACTION_BLOCKS;
  }

  /**
   * Back to the last commit. The superblock keeps a note that a check is needed, where the error
   * was one of the metadata, and where it can still be written.
   */
  private void abort(Exception cause, boolean needsCheck) {
    fail(PoolMode.READ_ONLY, cause);
    writing.lock(); // a commit that is on its way arrives, or fails
    try {
      PoolTransaction fresh = load(device);
      if (needsCheck) {
        fresh.writeNeedsCheck();
        fresh = load(device);
      }
      transaction = fresh;
    } catch (IOException e) {
      log.error("{}: the last commit cannot be read back: {}", pool, e.toString());
      fail(PoolMode.FAIL, e);
    } finally {
      writing.unlock();
    }
    onAbort.run();
  }

  /** What a change leaves of the free metadata blocks. */
  enum Kept {
    /** Enough to free blocks again. */
    TO_FREE,
    /** And as much once more, for who must not fail. */
    TO_FREE_AND_WRITE
  }

  /**
   * Takes {@code mutator}, when there is room for what a change may shadow, and enough left to free
   * blocks again. The caller holds no lock of this class.
   *
   * @throws OutOfSpaceException when there is none even after a commit; then nothing is held, and
   *     what frees blocks goes on
   */
  void lockWithRoom(Kept kept) throws IOException {
    mutator.lock();
    boolean mayFind = true;
    while (mayFind && !hasFree(reserve(kept))) {
      mutator.unlock();
      commit();
      mutator.lock();
      mayFind = transaction.isChanged(); // by others, who may have freed something
    }
    if (!hasFree(reserve(kept))) {
      mutator.unlock();
      throw noMetadataSpace();
    }
  }

  OutOfSpaceException noMetadataSpace() {
    return new OutOfSpaceException(pool + ": no metadata space left");
  }

  /** Whether a change would find room for what it may shadow; asked with the mutator held. */
  boolean hasRoom(Kept kept) {
    return settledFreeCount() >= reserve(kept);
  }

  /** How many mappings there is room for before it becomes scarce; asked with the mutator held. */
  long mappingRoom() {
    return Math.max(0, settledFreeCount() - reserve(Kept.TO_FREE_AND_WRITE))
        * MAPPINGS_IN_HALF_A_LEAF;
  }

  /** Metadata blocks that are free once all is committed. */
  private long settledFreeCount() {
    CountingSpaceMap counts = transaction.metadataCounts();
    return counts.blockCount() - counts.allocatedCount();
  }

  private long reserve(Kept kept) {
    long toFree =
        Math.min(
            MAX_RESERVE, Math.max(MIN_RESERVE, transaction.metadataCounts().blockCount() / 16));
    return kept == Kept.TO_FREE ? toFree : 2 * toFree;
  }

  /**
   * Takes {@code mutator} to free something: that has its own reserve, which nothing else takes.
   */
  void lockToFree() throws IOException {
    mutator.lock();
    if (!hasFree(MIN_RESERVE)) {
      mutator.unlock();
      commit();
      mutator.lock();
    }
  }

  private boolean hasFree(long blockCount) {
    return transaction.freeMetadataBlocks() >= blockCount;
  }

  /** Returns when everything done so far is on stable storage. */
  void commit() throws IOException {
    flushData(); // most of it, while no other commit has to wait
    List<BlockRun> freed;
    committing.lock();
    try {
      freed = commitOne();
    } finally {
      committing.unlock();
    }
    if (!freed.isEmpty()) {
      onFreed.release(freed);
    }
  }

  /** Commits, and has the metadata read while no other commit changes what is on disk. */
  void readCommitted(WritablePool.CommittedRead read) throws IOException {
    List<BlockRun> freed = List.of();
    committing.lock();
    try {
      if (!isBroken()) {
        freed = commitOne();
      }
      read.at(device);
    } finally {
      committing.unlock();
      if (!freed.isEmpty()) {
        onFreed.release(freed);
      }
    }
  }

  /** The caller holds {@code committing}. */
  private List<BlockRun> commitOne() throws IOException {
    PoolTransaction frozen = freeze();
    if (frozen == null) {
      return List.of();
    }
    flushData(); // what its mappings point at
    try {
      write(frozen);
    } catch (IOException | RuntimeException e) {
      abandon(frozen, e);
      throw e;
    }
    return finish(frozen);
  }

  private @Nullable PoolTransaction freeze() throws IOException {
    mutator.lock();
    try {
      checkWritable();
      PoolTransaction now = transaction;
      if (!now.isChanged()) {
        return null;
      }
      change(PoolTransaction::freeze);
      return now;
    } finally {
      mutator.unlock();
    }
  }

  private void write(PoolTransaction frozen) throws IOException {
    writing.lock();
    try {
      checkWritable(); // or it is thrown away already
      frozen.writeFrozen();
    } finally {
      writing.unlock();
    }
  }

  private void abandon(PoolTransaction frozen, Exception cause) {
    mutator.lock();
    try {
      if (transaction == frozen && !isBroken()) {
        abortAlone(cause, true);
      }
    } finally {
      mutator.unlock();
    }
  }

  private List<BlockRun> finish(PoolTransaction frozen) throws IOException {
    mutator.lock();
    try {
      if (transaction != frozen) {
        return List.of(); // after somebody's error all began anew, on this commit
      }
      List<BlockRun> freed = frozen.finish();
      releasing += freed.isEmpty() ? 0 : 1;
      return freed;
    } finally {
      mutator.unlock();
    }
  }

  private void abortAlone(Exception cause, boolean needsCheck) {
    tree.writeLock().lock();
    try {
      abort(cause, needsCheck);
    } finally {
      tree.writeLock().unlock();
    }
  }

  /**
   * Returns when all data written so far are on stable storage; one that another has begun is
   * waited for. After a failure a second try would prove nothing: the host may have dropped what it
   * could not write.
   */
  private void flushData() throws IOException {
    flushing.lock();
    try {
      checkWritable();
      if (dataWritten) {
        dataWritten = false;
        data.flush();
      }
    } catch (IOException e) {
      fail(mode == PoolMode.FAIL ? mode : PoolMode.READ_ONLY, e);
      throw e;
    } finally {
      flushing.unlock();
    }
  }

  @Override
  public String toString() {
    return pool;
  }
}
