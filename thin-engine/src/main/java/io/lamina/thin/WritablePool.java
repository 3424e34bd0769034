package io.lamina.thin;

import io.lamina.block.FileDevice;
import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import io.lamina.persist.OutOfSpaceException;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.source.PoolSource;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool that is written to, and its volumes. Safe for use by many threads.
 *
 * <p>What is changed is committed by {@link #commit}, by a volume's flush, when much has changed,
 * and a second after a change at the latest. After a power cut the pool is as last committed. An
 * error while metadata are changed or committed throws away what was not committed, and the pool is
 * read only from then on.
 *
 * <p>Locks, always in this order: volume (shared by writes, alone for snapshot and discard) → the
 * volume's provisioning → {@code mutator} (one change or commit at a time) → {@code tree} (shared
 * by lookups, alone for a change in memory). Reads of mapped blocks take none of them where the
 * mapping is remembered, else {@code tree} alone. A block that was freed is not handed out before
 * all who may still look at it have left ({@link Quiescence}); nobody waits for that holding a
 * lock.
 */
public final class WritablePool extends ThinPool {
  private static final Logger log = LoggerFactory.getLogger(WritablePool.class);

  private static final int LARGE_TRANSACTION_BLOCKS = 4096;
  private static final int UNMAP_STEP = 256;
  private static final long MIN_METADATA_RESERVE = 16;

  private final WritableDevice metadataWriter;
  private final WritableDevice dataWriter;
  private final WriteOptions options;
  private final ReentrantLock mutator = new ReentrantLock(true); // all in turn
  private final Condition spaceFreed = mutator.newCondition();
  private final ReentrantReadWriteLock tree = new ReentrantReadWriteLock();
  private final Quiescence readers = new Quiescence();
  private final PeriodicCommit periodic;
  private volatile PoolTransaction transaction;
  private volatile PoolMode mode = PoolMode.WRITE;
  private volatile boolean dataWritten;
  private boolean lowWaterLogged;

  /** Blocks freed by commits, which nobody has waited for yet. */
  private final Set<Long> pending = new TreeSet<>();

  private WritablePool(
      PoolSource source,
      WritableDevice metadataDevice,
      WritableDevice data,
      PoolTransaction transaction,
      WriteOptions options) {
    super(source, metadataDevice, data, transaction.view());
    this.metadataWriter = metadataDevice;
    this.dataWriter = data;
    this.transaction = transaction;
    this.options = options;
    this.periodic = new PeriodicCommit(this);
  }

  /**
   * Opens a pool for writing, for this process alone.
   *
   * @throws IOException as {@link ThinPool#open}; also when somebody else has the pool, when it
   *     needs a check, or when it uses a feature that only readers may ignore
   */
  public static WritablePool open(PoolSource source, PoolOptions options, WriteOptions writeOptions)
      throws IOException {
    KernelUse.refuse(source.metadata());
    KernelUse.refuse(source.data());
    FileDevice metadata = FileDevice.openWritable(source.metadata(), writeOptions.puncher());
    try {
      metadata.lock();
      FileDevice data = FileDevice.openWritable(source.data(), writeOptions.puncher());
      try {
        return open(source, metadata, data, options, writeOptions);
      } catch (IOException e) {
        data.close();
        throw e;
      }
    } catch (IOException e) {
      metadata.close();
      throw e;
    }
  }

  /** The same, on devices that the caller opened, and keeps others away from. */
  static WritablePool open(
      PoolSource source,
      WritableDevice metadata,
      WritableDevice data,
      PoolOptions options,
      WriteOptions writeOptions)
      throws IOException {
    PoolTransaction transaction = load(metadata);
    Superblock superblock = transaction.committed();
    if (superblock.needsCheck()) {
      throw new IOException(metadata.name() + ": needs_check is set: check the pool first");
    }
    if (superblock.compatRoFlags() != 0) {
      throw new io.lamina.ondisk.UnsupportedException(
          String.format(
              "superblock: unknown feature that only readers may ignore, bits 0x%x",
              superblock.compatRoFlags()));
    }
    WritablePool pool = new WritablePool(source, metadata, data, transaction, writeOptions);
    pool.checkData();
    pool.openOrigins(options.externalOrigins());
    pool.periodic.start();
    return pool;
  }

  private static PoolTransaction load(WritableDevice device) throws IOException {
    PoolMetadata checked = PoolMetadata.open(device, false, CACHE_BYTES);
    return new PoolTransaction(device, new BlockManager(device, CACHE_BYTES), checked.committed());
  }

  @Override
  public PoolMetadata metadata() {
    return transaction.view();
  }

  @Override
  public PoolStatus status() {
    mutator.lock();
    try {
      Superblock now = transaction.current();
      CountingSpaceMap metadataCounts = transaction.metadataCounts();
      CountingSpaceMap dataCounts = transaction.dataCounts();
      return new PoolStatus(
          now.transactionId(),
          metadataCounts.allocatedCount(),
          metadataCounts.blockCount(),
          dataCounts.allocatedCount(),
          dataCounts.blockCount(),
          dataBlockBytes(),
          now.heldRoot() == 0 ? OptionalLong.empty() : OptionalLong.of(now.heldRoot()),
          mode,
          now.needsCheck(),
          now.time());
    } finally {
      mutator.unlock();
    }
  }

  @Override
  public List<VolumeSummary> volumes() throws IOException {
    mutator.lock(); // details that only the transaction has are read too
    try {
      return super.volumes();
    } finally {
      mutator.unlock();
    }
  }

  @Override
  DeviceDetails details(int id) throws IOException {
    return transaction.details(id);
  }

  @Override
  public List<Integer> volumeIds() throws IOException {
    mutator.lock();
    try {
      return super.volumeIds();
    } finally {
      mutator.unlock();
    }
  }

  @Override
  public long exclusivelyMappedBlocks(int deviceId) throws IOException {
    commit();
    mutator.lock();
    try {
      return super.exclusivelyMappedBlocks(deviceId);
    } finally {
      mutator.unlock();
    }
  }

  /** One volume, to read and write. */
  @Override
  public WritableVolume volume(int deviceId) throws IOException {
    return (WritableVolume) super.volume(deviceId);
  }

  @Override
  ThinVolume open(int deviceId, Origin origin) throws IOException {
    mutator.lock();
    try {
      if (!transaction.exists(deviceId)) {
        throw new IOException(noDevice(deviceId));
      }
      StoredMappings mappings = new StoredMappings(new LiveLeaves(deviceId));
      VolumeState state =
          new VolumeState(deviceId, mappings, transaction.details(deviceId).snapshottedTime());
      return new WritableVolume(
          this, state, name(deviceId), origin, size(deviceId, mappings, origin));
    } finally {
      mutator.unlock();
    }
  }

  /** Leaves of a device's tree as it is at the moment. */
  private final class LiveLeaves implements StoredMappings.LeafSource {
    private final int id;

    LiveLeaves(int id) {
      this.id = id;
    }

    @Override
    public Leaf leaf(long virtualBlockNr, Consumer<Leaf> remember) throws IOException {
      tree.readLock().lock();
      try {
        PoolMetadata now = transaction.view();
        OptionalLong root = now.deviceRoot(id);
        if (root.isEmpty()) {
          throw new IOException(noDevice(id));
        }
        Leaf leaf = now.mappings().leaf(root.getAsLong(), virtualBlockNr);
        remember.accept(leaf);
        return leaf;
      } finally {
        tree.readLock().unlock();
      }
    }

    @Override
    public PoolMetadata metadata() {
      return transaction.view();
    }
  }

  WriteOptions options() {
    return options;
  }

  WritableDevice dataWriter() {
    return dataWriter;
  }

  Quiescence readers() {
    return readers;
  }

  void noteDataWritten() {
    dataWritten = true;
  }

  /** A change of the transaction. */
  private interface Change {
    void run(PoolTransaction transaction) throws IOException;
  }

  private void change(Change change) throws IOException {
    mutator.lock();
    try {
      checkWritable();
      tree.writeLock().lock();
      try {
        change.run(transaction);
      } catch (IOException | RuntimeException e) {
        abort(e);
        throw e;
      } finally {
        tree.writeLock().unlock();
      }
    } finally {
      mutator.unlock();
    }
    if (transaction.changedBlockCount() > LARGE_TRANSACTION_BLOCKS) {
      commit();
    }
  }

  private void checkWritable() throws IOException {
    if (mode == PoolMode.READ_ONLY || mode == PoolMode.FAIL) {
      throw new IOException(this + ": the pool is read only after an error: " + mode.word());
    }
  }

  /** Back to the last commit. The superblock keeps a note, where it can still be written. */
  private void abort(Exception cause) {
    log.error("{}: metadata cannot be changed, read only from now on: {}", this, cause.toString());
    mode = PoolMode.READ_ONLY;
    try {
      PoolTransaction fresh = load(metadataWriter);
      fresh.setNeedsCheck();
      fresh.writeSuperblock();
      transaction = load(metadataWriter);
    } catch (IOException e) {
      log.error("{}: the last commit cannot be read back: {}", this, e.toString());
      mode = PoolMode.FAIL;
    }
    forEachState(VolumeState::forget);
  }

  private void forEachState(Consumer<VolumeState> use) {
    for (ThinVolume volume : knownVolumes()) {
      use.accept(((WritableVolume) volume).state());
    }
  }

  private void requireDevice(PoolTransaction now, int id) throws IOException {
    if (!now.exists(id)) {
      throw new IOException(noDevice(id));
    }
  }

  private void requireFreeId(int id) throws IOException {
    if (id < 0 || id > PoolMetadata.MAX_DEVICE_ID) {
      throw new IOException(
          "thin device " + id + ": ids go from 0 to " + PoolMetadata.MAX_DEVICE_ID);
    }
    if (transaction.exists(id)) {
      throw new IOException(this + ": thin device " + id + " exists already");
    }
  }

  /** Makes an empty volume. */
  public void createThin(int id) throws IOException {
    mutator.lock();
    try {
      requireFreeId(id);
      reserveMetadata();
      change(now -> now.createThin(id));
    } finally {
      mutator.unlock();
    }
  }

  /**
   * Makes a volume that holds what another holds just now, written to or not: writes that have
   * returned are in it, those that have not begun are not. Costs the same whatever the size.
   */
  public void createSnapshot(int id, int origin) throws IOException {
    VolumeState state = volume(origin).state();
    state.exclusive().lock();
    mutator.lock();
    try {
      requireFreeId(id);
      requireDevice(transaction, origin);
      reserveMetadata();
      change(now -> now.createSnapshot(id, origin));
      state.snapshotted(transaction.current().time());
    } finally {
      mutator.unlock();
      state.exclusive().unlock();
    }
  }

  /** Deletes a volume, in steps; others get their turn between them. */
  public void delete(int id) throws IOException {
    VolumeState state = volume(id).state();
    state.exclusive().lock();
    try {
      state.delete();
      forget(id);
    } finally {
      state.exclusive().unlock();
    }
    boolean[] gone = new boolean[1];
    while (!gone[0]) {
      change(now -> gone[0] = now.deleteSome(id));
    }
  }

  /**
   * Changes the number that belongs to whoever manages the pool.
   *
   * @throws IOException when it is not {@code expected}
   */
  public void setTransactionId(long expected, long id) throws IOException {
    mutator.lock();
    try {
      long found = transaction.current().transactionId();
      if (found != expected) {
        throw new IOException(this + ": transaction id: expected " + expected + ", found " + found);
      }
      change(now -> now.setTransactionId(id));
    } finally {
      mutator.unlock();
    }
  }

  /** Keeps a metadata snapshot of the pool as it is now, and commits. */
  public void reserveMetadataSnapshot() throws IOException {
    mutator.lock();
    try {
      if (transaction.current().heldRoot() != Superblock.BLOCK_NR) {
        throw new IOException(this + ": has a metadata snapshot already");
      }
      change(PoolTransaction::reserveMetadataSnapshot);
    } finally {
      mutator.unlock();
    }
    commit();
  }

  /** Releases the metadata snapshot, and commits. */
  public void releaseMetadataSnapshot() throws IOException {
    mutator.lock();
    try {
      if (transaction.current().heldRoot() == Superblock.BLOCK_NR) {
        throw new IOException(this + ": has no metadata snapshot");
      }
      change(PoolTransaction::releaseMetadataSnapshot);
    } finally {
      mutator.unlock();
    }
    commit();
  }

  /** Takes in what the data device has grown by, and commits. */
  public void growData() throws IOException {
    long blockCount = refreshed(dataWriter) / dataBlockBytes();
    change(now -> now.growData(blockCount));
    commit();
  }

  /** Takes in what the metadata device has grown by, and commits. */
  public void growMetadata() throws IOException {
    long blockCount = refreshed(metadataWriter) / BlockManager.BLOCK_BYTES;
    change(now -> now.growMetadata(Math.min(blockCount, PoolFormat.MAX_METADATA_BLOCKS)));
    commit();
  }

  private static long refreshed(WritableDevice device) throws IOException {
    return device instanceof FileDevice file ? file.refreshSize() : device.size();
  }

  /** Room for what a change may shadow, and enough left to free blocks again. */
  private void reserveMetadata() throws IOException {
    long reserve =
        Math.min(
            1024, Math.max(MIN_METADATA_RESERVE, transaction.metadataCounts().blockCount() / 16));
    if (transaction.metadataCounts().freeCount() >= reserve) {
      return;
    }
    commitLocked();
    if (transaction.metadataCounts().freeCount() < reserve) {
      OutOfSpaceException full = new OutOfSpaceException(this + ": no metadata space left");
      abort(full);
      throw full;
    }
  }

  /**
   * Room for neighbouring data blocks, which are written next and then given to {@link #map} or
   * {@link #cancel}.
   *
   * @throws OutOfSpaceException when there is none, and none came in time
   */
  CountingSpaceMap.Reservation reserve(int wanted) throws IOException {
    long deadline = System.nanoTime() + options.noSpaceTimeout().toNanos();
    for (int attempt = 0; ; attempt++) {
      CountingSpaceMap.@Nullable Reservation reserved = tryReserve(wanted, attempt > 0, deadline);
      if (reserved != null) {
        return reserved;
      }
      if (attempt == 0) {
        commit(); // what was freed is free after the commit
      }
    }
  }

  private CountingSpaceMap.@Nullable Reservation tryReserve(
      int wanted, boolean mayFail, long deadline) throws IOException {
    mutator.lock();
    try {
      checkWritable();
      reserveMetadata();
      CountingSpaceMap counts = transaction.dataCounts();
      if (counts.freeCount() > 0) {
        CountingSpaceMap.Reservation reserved = counts.reserve(wanted);
        checkLowWater(counts.freeCount());
        return reserved;
      }
      if (mayFail) {
        mode = PoolMode.OUT_OF_DATA_SPACE;
        awaitSpace(deadline);
      }
      return null;
    } finally {
      mutator.unlock();
    }
  }

  private void awaitSpace(long deadline) throws IOException {
    try {
      long left = deadline - System.nanoTime();
      while (transaction.dataCounts().freeCount() == 0) {
        if (left <= 0) {
          throw new OutOfSpaceException(this + ": no data space left");
        }
        left = spaceFreed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OutOfSpaceException(this + ": no data space left");
    }
  }

  private void checkLowWater(long freeCount) {
    boolean low = freeCount < options.lowWaterBlocks();
    if (low && !lowWaterLogged) {
      log.warn("{}: {} data blocks are left, below the low water mark", this, freeCount);
    }
    lowWaterLogged = low;
  }

  /** Reserved blocks that were written to become those of a volume. */
  void map(VolumeState volume, long virtualBlockNr, CountingSpaceMap.Reservation blocks)
      throws IOException {
    change(
        now -> {
          now.map(volume.id(), virtualBlockNr, blocks.first(), blocks.count());
          volume.forget();
        });
  }

  /** Reserved blocks that could not be written. */
  void cancel(CountingSpaceMap.Reservation blocks) {
    mutator.lock();
    try {
      for (int i = 0; i < blocks.count(); i++) {
        transaction.dataCounts().cancelReserved(blocks.first() + i);
      }
    } finally {
      mutator.unlock();
    }
  }

  /** Takes mappings of a volume away, in steps; the caller holds the volume alone. */
  void unmap(VolumeState volume, long start, long end) throws IOException {
    long[] position = {start};
    while (position[0] < end) {
      mutator.lock();
      try {
        reserveForFreeing();
        change(
            now -> {
              position[0] = now.unmap(volume.id(), position[0], end, UNMAP_STEP);
              volume.forget();
            });
      } finally {
        mutator.unlock();
      }
    }
  }

  private void reserveForFreeing() throws IOException {
    if (transaction.metadataCounts().freeCount() < MIN_METADATA_RESERVE) {
      commitLocked();
    }
  }

  /** Returns when everything done so far is on stable storage. */
  public void commit() throws IOException {
    if (mode == PoolMode.FAIL) {
      throw new IOException(this + ": the pool failed");
    }
    Set<Long> freed;
    mutator.lock();
    try {
      freed = commitLocked();
    } finally {
      mutator.unlock();
    }
    release(freed);
  }

  /** Commits where there is something to commit; gives the blocks to be released. */
  private Set<Long> commitLocked() throws IOException {
    if (!transaction.isChanged()) {
      if (dataWritten) {
        dataWritten = false;
        flushData();
      }
      return takePending();
    }
    try {
      dataWritten = false;
      dataWriter.flush(); // what mappings point at
      tree.writeLock().lock();
      try {
        transaction.prepare();
      } finally {
        tree.writeLock().unlock();
      }
      transaction.writeBlocks(); // ours to lose until the next line
      transaction.writeSuperblock(); // now it has happened
      tree.writeLock().lock();
      try {
        pending.addAll(transaction.begin());
      } finally {
        tree.writeLock().unlock();
      }
    } catch (IOException | RuntimeException e) {
      tree.writeLock().lock();
      try {
        abort(e);
      } finally {
        tree.writeLock().unlock();
      }
      throw e;
    }
    return mutator.getHoldCount() > 1 ? Set.of() : takePending();
  }

  private void flushData() throws IOException {
    try {
      dataWriter.flush();
    } catch (IOException e) {
      dataWritten = true;
      throw e;
    }
  }

  private Set<Long> takePending() {
    if (pending.isEmpty() || mutator.getHoldCount() > 1) {
      return Set.of();
    }
    Set<Long> taken = new TreeSet<>(pending);
    pending.clear();
    return taken;
  }

  /** Blocks that a commit freed are passed down and may be used again. Holding no lock. */
  private void release(Set<Long> freed) throws IOException {
    if (freed.isEmpty()) {
      return;
    }
    PoolTransaction of = transaction;
    readers.await();
    if (options.discard() == WriteOptions.Discard.PASSDOWN) {
      passDown(freed);
    }
    mutator.lock();
    try {
      of.dataCounts().letGo(freed);
      if (mode == PoolMode.OUT_OF_DATA_SPACE) {
        mode = PoolMode.WRITE;
      }
      spaceFreed.signalAll();
    } finally {
      mutator.unlock();
    }
  }

  private void passDown(Set<Long> freed) {
    long start = -1;
    long end = -1;
    try {
      for (long blockNr : freed) {
        if (blockNr != end) {
          discardData(start, end);
          start = blockNr;
        }
        end = blockNr + 1;
      }
      discardData(start, end);
    } catch (IOException e) {
      log.warn("{}: freed blocks cannot be given back to the host: {}", this, e.toString());
    }
  }

  private void discardData(long start, long end) throws IOException {
    if (end > start) {
      dataWriter.discard(start * dataBlockBytes(), (end - start) * dataBlockBytes());
    }
  }

  @Override
  public void close() throws IOException {
    periodic.stop();
    try {
      if (mode == PoolMode.WRITE || mode == PoolMode.OUT_OF_DATA_SPACE) {
        commit();
      }
    } finally {
      super.close();
    }
  }

  /** Ends the commits in the background, and nothing else: as if the power were cut. */
  void abandon() {
    periodic.stop();
  }
}
