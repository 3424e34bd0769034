package io.lamina.thin;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.persist.BlockManager;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.space.BlockRun;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.source.PoolSource;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A pool that is written to, and its volumes. Safe for use by many threads.
 *
 * <p>What is changed is committed by {@link #commit}, by a volume's flush, when much has changed,
 * and a second after a change at the latest. After a power cut the pool is as last committed. An
 * error while metadata are changed or committed throws away what was not committed, and the pool is
 * read only from then on; so it is after data could not be flushed.
 *
 * <p>Locks, always in this order: volume (shared by writes, alone for snapshot and discard) → the
 * volume's provisioning → those of {@link LiveMetadata}. Reads of mapped blocks take none of them
 * where the mapping is remembered, else {@code tree} alone.
 */
public final class WritablePool extends ThinPool {
  private static final int UNMAP_LEAVES = 8;
  private static final int DELETE_STEP = 2048;

  private final WritableDevice metadataWriter;
  private final WritableDevice dataWriter;
  private final WriteOptions options;
  private final LiveMetadata live;
  private final ReentrantLock mutator;
  private final Quiescence readers = new Quiescence();
  private final DataSpace space;
  private final PeriodicCommit periodic;

  private WritablePool(
      PoolSource source,
      WritableDevice metadataDevice,
      WritableDevice data,
      LiveMetadata live,
      WriteOptions options) {
    super(source, metadataDevice, data, live.transaction().view());
    this.metadataWriter = metadataDevice;
    this.dataWriter = data;
    this.options = options;
    this.live = live;
    this.mutator = live.mutator();
    this.space = new DataSpace(source.toString(), live, data, dataBlockBytes(), options, readers);
    this.periodic = new PeriodicCommit(live);
  }

  /**
   * Opens a pool for writing, for this process alone.
   *
   * @throws IOException as {@link ThinPool#open}; also when somebody else has the pool, when it
   *     needs a check, or when it uses a feature that only readers may ignore
   */
  public static WritablePool open(PoolSource source, PoolOptions options, WriteOptions writeOptions)
      throws IOException {
    KernelUse.refuse(source.data());
    FileDevice metadata = MetadataLock.open(source.metadata(), writeOptions.puncher());
    try {
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
  public static WritablePool open(
      PoolSource source,
      WritableDevice metadata,
      WritableDevice data,
      PoolOptions options,
      WriteOptions writeOptions)
      throws IOException {
    LiveMetadata live = LiveMetadata.open(source.toString(), metadata, data);
    Superblock superblock = live.transaction().committed();
    if (superblock.needsCheck()) {
      throw new IOException(metadata.name() + ": needs_check is set: check the pool first");
    }
    if (superblock.compatRoFlags() != 0) {
      throw new UnsupportedException(
          String.format(
              "superblock: unknown feature that only readers may ignore, bits 0x%x",
              superblock.compatRoFlags()));
    }
    WritablePool pool = new WritablePool(source, metadata, data, live, writeOptions);
    pool.requireAllData();
    pool.openOrigins(options.externalOrigins());
    live.onAbort(() -> pool.forEachState(VolumeState::forget));
    live.onFreed(pool.space::release);
    pool.finishDeletions();
    pool.periodic.start();
    return pool;
  }

  @Override
  public PoolMetadata metadata() {
    return live.transaction().view();
  }

  /** Data blocks that a write may take, and whose mappings the metadata have room for. */
  long roomBlocks() {
    mutator.lock();
    try {
      CountingSpaceMap counts = live.transaction().dataCounts();
      return Math.min(counts.freeCount() + counts.heldCount(), live.mappingRoom());
    } finally {
      mutator.unlock();
    }
  }

  @Override
  public PoolStatus status() {
    mutator.lock();
    try {
      Superblock now = live.transaction().current();
      CountingSpaceMap metadataCounts = live.transaction().metadataCounts();
      CountingSpaceMap dataCounts = live.transaction().dataCounts();
      return new PoolStatus(
          now.transactionId(),
          metadataCounts.allocatedCount(),
          metadataCounts.blockCount(),
          dataCounts.allocatedCount(),
          dataCounts.blockCount(),
          dataBlockBytes(),
          now.heldRoot() == 0 ? OptionalLong.empty() : OptionalLong.of(now.heldRoot()),
          live.mode(),
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
  public long mappedBlocks(int deviceId) throws IOException {
    mutator.lock();
    try {
      return super.mappedBlocks(deviceId);
    } finally {
      mutator.unlock();
    }
  }

  @Override
  DeviceDetails details(int id) throws IOException {
    return live.transaction().details(id);
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
    if (!live.isBroken()) {
      commit();
    }
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
      if (!live.transaction().exists(deviceId)) {
        throw new IOException(noDevice(deviceId));
      }
      StoredMappings mappings = new StoredMappings(new LiveLeaves(live, deviceId));
      VolumeState state =
          new VolumeState(
              deviceId, mappings, live.transaction().details(deviceId).snapshottedTime());
      return new WritableVolume(
          this, state, name(deviceId), origin, size(deviceId, mappings, origin));
    } finally {
      mutator.unlock();
    }
  }

  /** Leaves of a device's tree as it is at the moment. */
  private record LiveLeaves(LiveMetadata live, int id) implements StoredMappings.LeafSource {
    @Override
    public Leaf leaf(long virtualBlockNr, Consumer<Leaf> remember) throws IOException {
      return live.leaf(id, virtualBlockNr, remember);
    }

    @Override
    public PoolMetadata metadata() {
      return live.transaction().view();
    }
  }

  /** Reads the metadata as a whole. */
  @FunctionalInterface
  public interface CommittedRead {
    /** Reads them; the device is the pool's, and only lent. */
    void at(BlockDevice metadata) throws IOException;
  }

  /** Commits, and has the metadata read before the next commit: whoever wants one, waits. */
  public void readCommitted(CommittedRead read) throws IOException {
    live.readCommitted(read);
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

  DataSpace space() {
    return space;
  }

  void noteDataWritten() {
    live.noteDataWritten();
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
    if (live.transaction().isTaken(id)) {
      throw new IOException(this + ": thin device " + id + " exists already");
    }
  }

  /** Makes an empty volume. */
  public void createThin(int id) throws IOException {
    live.lockWithRoom(LiveMetadata.Kept.TO_FREE);
    try {
      requireFreeId(id);
      live.change(now -> now.createThin(id));
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
    try {
      createSnapshotOf(state, id);
    } finally {
      state.exclusive().unlock();
    }
  }

  private void createSnapshotOf(VolumeState origin, int id) throws IOException {
    live.lockWithRoom(LiveMetadata.Kept.TO_FREE);
    try {
      requireFreeId(id);
      requireDevice(live.transaction(), origin.id());
      live.change(now -> now.createSnapshot(id, origin.id()));
      origin.snapshotted(live.transaction().current().time());
    } finally {
      mutator.unlock();
    }
  }

  /**
   * Deletes a volume. It is gone as a whole at once; what it held is freed in steps, and others get
   * their turn between them.
   */
  public void delete(int id) throws IOException {
    VolumeState state = volume(id).state();
    int[] goingBy = new int[1];
    state.exclusive().lock();
    try {
      state.delete();
      forget(id);
      free(now -> goingBy[0] = now.beginDelete(id));
    } finally {
      state.exclusive().unlock();
    }
    finishDeletion(goingBy[0]);
  }

  private void finishDeletion(int goingBy) throws IOException {
    boolean[] isGone = {goingBy == Deletion.DONE};
    while (!isGone[0]) {
      free(now -> isGone[0] = now.deleteSome(goingBy, DELETE_STEP));
    }
  }

  /** Deletions that the last one who had the pool has begun. */
  private void finishDeletions() throws IOException {
    PoolTransaction now = live.transaction();
    for (int id = Deletion.FIRST_ID; id <= PoolMetadata.MAX_DEVICE_ID; id++) {
      if (now.isTaken(id) && now.details(id).isGoing()) {
        finishDeletion(id);
      }
    }
  }

  /** A change that gives room back, and may use the metadata that are kept for that. */
  private void free(LiveMetadata.Change change) throws IOException {
    live.lockToFree();
    try {
      live.change(change);
    } finally {
      mutator.unlock();
    }
    if (live.isLarge()) {
      live.commit(); // here, and not where somebody writes
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
      long found = live.transaction().current().transactionId();
      if (found != expected) {
        throw new IOException(this + ": transaction id: expected " + expected + ", found " + found);
      }
      live.change(now -> now.setTransactionId(id));
    } finally {
      mutator.unlock();
    }
  }

  /** Keeps a metadata snapshot of the pool as it is now, and commits. */
  public void reserveMetadataSnapshot() throws IOException {
    mutator.lock();
    try {
      if (live.transaction().current().heldRoot() != Superblock.BLOCK_NR) {
        throw new IOException(this + ": has a metadata snapshot already");
      }
      live.change(PoolTransaction::reserveMetadataSnapshot);
    } finally {
      mutator.unlock();
    }
    commit();
  }

  /** Releases the metadata snapshot, and commits. */
  public void releaseMetadataSnapshot() throws IOException {
    mutator.lock();
    try {
      if (live.transaction().current().heldRoot() == Superblock.BLOCK_NR) {
        throw new IOException(this + ": has no metadata snapshot");
      }
      live.change(PoolTransaction::releaseMetadataSnapshot);
    } finally {
      mutator.unlock();
    }
    commit();
  }

  /** Takes in what the data device has grown by, and commits. */
  public void growData() throws IOException {
    long blockCount = refreshed(dataWriter) / dataBlockBytes();
    live.change(now -> now.growData(blockCount));
    commit();
    noteRoom();
  }

  /** Takes in what the metadata device has grown by, and commits. */
  public void growMetadata() throws IOException {
    long blockCount = refreshed(metadataWriter) / BlockManager.BLOCK_BYTES;
    live.change(now -> now.growMetadata(Math.min(blockCount, PoolFormat.MAX_METADATA_BLOCKS)));
    commit();
    noteRoom();
  }

  private void noteRoom() {
    mutator.lock();
    try {
      space.noteRoom();
    } finally {
      mutator.unlock();
    }
  }

  private static long refreshed(WritableDevice device) throws IOException {
    return device instanceof FileDevice file ? file.refreshSize() : device.size();
  }

  /** Reserved blocks that were written to become those of a volume. */
  void map(VolumeState volume, long virtualBlockNr, BlockRun blocks) throws IOException {
    live.change(
        now -> {
          now.map(volume.id(), virtualBlockNr, blocks);
          volume.mappings().forget(virtualBlockNr, blocks.count());
        });
    if (live.isTooLarge()) {
      live.commit();
    } else if (live.isLarge()) {
      periodic.hurry(); // so that this write need not wait for the disk
    }
  }

  /** Takes mappings of a volume away, in steps; the caller holds the volume alone. */
  void unmap(VolumeState volume, long start, long end) throws IOException {
    long[] position = {start};
    while (position[0] < end) {
      long from = position[0];
      free(
          now -> {
            position[0] = now.unmap(volume.id(), from, end, UNMAP_LEAVES);
            volume.mappings().forget(from, position[0] - from);
          });
    }
  }

  /**
   * Commits, and gives the space of all free data blocks back to the host, as far as it can take
   * it.
   *
   * @return how many bytes are free now
   */
  public long discardFree() throws IOException {
    commit();
    return space.discardFree();
  }

  /** Returns when everything done so far is on stable storage, and what it has freed is free. */
  public void commit() throws IOException {
    flush();
    space.finishReleases();
  }

  /** Returns when everything done so far is on stable storage. */
  void flush() throws IOException {
    live.commit();
  }

  @Override
  public void close() throws IOException {
    periodic.stop();
    try {
      if (!live.isBroken()) {
        flush();
      }
    } finally {
      space.finishReleases(); // the next one who opens the pool may write to those blocks
      super.close();
    }
  }

  /** Ends what is done in the background, and nothing else: as if the power were cut. */
  void abandon() {
    periodic.stop();
    space.finishReleases();
  }
}
