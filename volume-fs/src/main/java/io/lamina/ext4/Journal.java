package io.lamina.ext4;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes changes of metadata whole: handles join the running transaction, which is committed some
 * seconds later or when somebody waits for it, while the next one runs.
 *
 * <p>A volume without a journal has transactions too: they are written to their places in order,
 * without a promise that a power cut finds all or nothing.
 *
 * <p>Safe for use by many threads. Whoever has a handle open waits for no lock of a file; whoever
 * starts one may hold such locks.
 */
final class Journal {
  /** Where a transaction goes. Called by one thread at a time. */
  interface Target {
    /** How many blocks a transaction may have at the most. */
    int maxBlockCount();

    /** Makes a transaction durable. Its images do not change any more. */
    void write(Transaction transaction) throws IOException;

    /** Brings all that was committed to its place; after that nothing is left to be replayed. */
    void checkpoint() throws IOException;

    /** Brings all that was committed to its place, and leaves it in the log. */
    default void settle() throws IOException {}

    /** Leaves a note where the next one who opens the volume finds it: an error stopped this. */
    void abort() throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(Journal.class);
  private static final long COMMIT_SECONDS = 5;
  private static final int COPYING_LOCKS = 64;
  private static final ScheduledThreadPoolExecutor TIMER = DaemonThreads.timer("ext4 commit", 2);

  private final Volume volume;
  private final Target target;
  private final BlockAllocator allocator;
  private final SuperblockWriter superblock;
  private final Object[] copying = new Object[COPYING_LOCKS];
  private final ThreadLocal<Boolean> inHandle = new ThreadLocal<>();

  /** One commit at a time; taken before {@link #lock}. */
  private final ReentrantLock committing = new ReentrantLock();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by {@link #lock}, as the next. */
  private Transaction running;

  private @Nullable ScheduledFuture<?> timer;

  /** Guarded by {@link #committing}. */
  private boolean recorded;

  private volatile int committedId;
  private volatile @Nullable IOException aborted;

  Journal(
      Volume volume,
      Target target,
      BlockAllocator allocator,
      SuperblockWriter superblock,
      int firstId) {
    this.superblock = superblock;
    this.volume = volume;
    this.target = target;
    this.allocator = allocator;
    this.running = new Transaction(firstId);
    this.committedId = firstId - 1;
    for (int i = 0; i < COPYING_LOCKS; i++) {
      copying[i] = new Object();
    }
  }

  /** Held while a block is copied for a transaction. */
  Object copying(long blockNr) {
    return copying[(int) (blockNr % COPYING_LOCKS)];
  }

  /**
   * Begins an operation that allocates no blocks.
   *
   * @param credits how many blocks of metadata it may change at the most
   * @throws FsException EROFS once an error has stopped all writing
   */
  Handle start(int credits) throws IOException {
    return start(credits, 0);
  }

  /**
   * Begins an operation. May wait for a commit, so no handle may be open in this thread.
   *
   * @param credits how many blocks of metadata it may change at the most, new ones included
   * @param newBlockCount how many blocks it may allocate from the handle's own reservation
   * @throws FsException ENOSPC when there are not as many, EROFS once an error has stopped all
   *     writing
   */
  Handle start(int credits, long newBlockCount) throws IOException {
    if (inHandle.get() != null) {
      throw new IllegalStateException("a handle is open in this thread");
    }
    BlockReservation reservation = allocator.reserve(newBlockCount);
    try {
      Transaction joined = join(credits);
      inHandle.set(true);
      return new Handle(this, volume, joined, credits, reservation);
    } catch (IOException | RuntimeException e) {
      reservation.close();
      throw e;
    }
  }

  private Transaction join(int credits) throws IOException {
    lock.lock();
    try {
      while (true) {
        requireAlive();
        if (running.isClosing()) {
          changed.awaitUninterruptibly();
        } else if (running.blockCount() == 0
            || running.blockCount() + credits <= target.maxBlockCount()) {
          running.open(credits);
          commitLater();
          return running;
        } else {
          int full = running.id();
          lock.unlock();
          try {
            commit(full);
          } finally {
            lock.lock();
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void commitLater() {
    if (timer == null) {
      int id = running.id();
      timer = TIMER.schedule(() -> commitQuietly(id), COMMIT_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void commitQuietly(int id) {
    lock.lock();
    try {
      timer = null; // whatever joins from now on asks for another
    } finally {
      lock.unlock();
    }
    try {
      commit(id);
    } catch (IOException | RuntimeException e) {
      log.error("{}: commit: {}", volume.device().name(), e.getMessage());
    }
  }

  void closed(Transaction transaction, int credits) {
    inHandle.remove();
    lock.lock();
    try {
      transaction.closed(credits);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void requireAlive() throws FsException {
    if (aborted != null) {
      throw new FsException(Errno.EROFS, volume.device().name());
    }
  }

  /** Whether an error has stopped all writing. */
  boolean isAborted() {
    return aborted != null;
  }

  /** Whether a transaction is durable. */
  boolean isCommitted(int id) {
    return id - committedId <= 0; // ids wrap around
  }

  /** How many blocks of metadata a transaction may have at the most. */
  int maxBlockCount() {
    return target.maxBlockCount();
  }

  /** The transaction that a handle started now would join. */
  int runningId() {
    lock.lock();
    try {
      return running.id();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns when a transaction is durable. Those who wait for the same one share its commit.
   *
   * @param id a {@link Handle#id}
   * @throws IOException when it could not be made so: the volume is read-only from then on
   */
  void commit(int id) throws IOException {
    if (isCommitted(id)) {
      return;
    }
    committing.lock();
    try {
      if (!isCommitted(id)) {
        requireAlive();
        commitRunning();
      }
    } finally {
      committing.unlock();
    }
  }

  /** Returns when everything changed so far is durable, file data that was written included. */
  void sync() throws IOException {
    commit(runningId());
  }

  /** The same, and metadata are in their places too, for who reads them past this. */
  void settle() throws IOException {
    committing.lock();
    try {
      requireAlive();
      commitRunning();
      target.settle();
    } finally {
      committing.unlock();
    }
  }

  private void commitRunning() throws IOException {
    if (isIdle()) {
      volume.writable().flush(); // content may have been written in place
      return;
    }
    Transaction transaction = takeRunning();
    requireAlive(); // one of its handles may have ended half-way
    try {
      for (Transaction.OrderedData data : transaction.ordered()) {
        data.write();
      }
      transaction.seal();
      target.write(transaction);
    } catch (IOException | RuntimeException e) {
      abort(e instanceof IOException io ? io : new IOException(e));
      throw e;
    }
    committedId = transaction.id();
    if (!transaction.freed().isEmpty()) {
      allocator.committed(List.copyOf(transaction.freed()));
    }
    transaction.afterCommit().forEach(Runnable::run);
  }

  private boolean isIdle() {
    lock.lock();
    try {
      return running.isEmpty() && !running.hasOpenHandles();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the running transaction's handles to end, and lets the next one run. */
  private Transaction takeRunning() {
    lock.lock();
    try {
      Transaction transaction = running;
      transaction.close();
      while (transaction.hasOpenHandles()) {
        changed.awaitUninterruptibly();
      }
      stopTimer();
      running = new Transaction(transaction.id() + 1);
      changed.signalAll();
      return transaction;
    } finally {
      lock.unlock();
    }
  }

  private void stopTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  /** Stops all writing, for good: from now on the volume can only be read. */
  void abort(IOException reason) {
    lock.lock();
    try {
      if (aborted != null) {
        return;
      }
      aborted = reason;
      stopTimer();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    log.error("{}: read-only from now on: {}", volume.device().name(), reason.getMessage());
    TIMER.execute(this::recordAbort); // a handle may be open here, which a commit waits for
  }

  /** Leaves a note of the error on disk, once. */
  private void recordAbort() {
    committing.lock();
    try {
      IOException reason = aborted;
      if (reason != null && !recorded) {
        recorded = true;
        target.abort();
        superblock.recordError(reason);
      }
    } catch (IOException e) {
      log.error("{}: cannot record an error: {}", volume.device().name(), e.getMessage());
    } finally {
      committing.unlock();
    }
  }

  /**
   * Commits all, and brings all to its place.
   *
   * @throws IOException when not all could be: what stopped it, also when that was long ago
   */
  void close() throws IOException {
    committing.lock();
    try {
      IOException reason = aborted;
      if (reason != null) {
        recordAbort();
        throw new IOException(
            volume.device().name() + ": not all was written: " + reason.getMessage(), reason);
      }
      commitRunning();
      allocator.finishDiscards();
      target.checkpoint();
    } finally {
      committing.unlock();
    }
  }
}
