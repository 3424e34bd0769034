package io.lamina.thin;

import io.lamina.source.PoolSource;
import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes of a pool by name: devices of the pool and the records beside it, changed together,
 * for this process alone.
 *
 * <p>A volume that comes has its record first, with the pool's next transaction id; then its device
 * and what it holds; and last the pool takes that transaction id, in a commit of its own. One that
 * goes has its record say so first. What a power cut left between is mended at the next opening: a
 * volume is there as a whole or not at all.
 *
 * <p>Safe for use by many threads: one change at a time.
 */
public final class PoolVolumes implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(PoolVolumes.class);

  private final WritablePool pool;
  private final VolumeRecords records;
  private volatile Audience audience = new Audience() {};

  private PoolVolumes(WritablePool pool, VolumeRecords records) {
    this.pool = pool;
    this.records = records;
  }

  /**
   * Opens a pool directory for writing, and mends what a power cut left half done.
   *
   * @throws IOException as {@link WritablePool#open}; also when records are damaged, or later than
   *     the pool can account for
   */
  public static PoolVolumes open(Path directory, WriteOptions options) throws IOException {
    return open(directory, PoolOptions.DEFAULT, options);
  }

  /** The same, with options for what its volumes read. */
  public static PoolVolumes open(Path directory, PoolOptions poolOptions, WriteOptions options)
      throws IOException {
    return open(PoolSource.directoryUnread(directory), poolOptions, options);
  }

  /** Reads records, which nobody else changes meanwhile. */
  interface RecordSource {
    /** All records. */
    VolumeRecords read() throws IOException;
  }

  /**
   * Opens a pool for writing wherever it was found, and mends what a power cut left half done.
   *
   * @throws IOException as {@link #open(Path, WriteOptions)}
   */
  public static PoolVolumes open(PoolSource source, PoolOptions poolOptions, WriteOptions options)
      throws IOException {
    return of(
        WritablePool.open(source, poolOptions, options), () -> VolumeRecords.in(source.records()));
  }

  /** The same, of a pool that is open; it is closed when there are no volumes to be had of it. */
  static PoolVolumes of(WritablePool pool, RecordSource records) throws IOException {
    try {
      PoolVolumes volumes = new PoolVolumes(pool, records.read()); // under the lock
      volumes.mend();
      volumes.changed();
      return volumes;
    } catch (IOException e) {
      pool.close();
      throw e;
    }
  }

  private void mend() throws IOException {
    long reached = pool.status().transactionId();
    Set<Integer> devices = new HashSet<>(pool.volumeIds());
    for (VolumeRecord volume : List.copyOf(records.all())) {
      if (volume.deleted()) {
        log.info("{}: volume {}: its deletion is finished", this, volume.name());
        finishRemoval(volume);
      } else if (volume.transactionId() > reached) {
        rollBack(volume, reached);
      } else if (!devices.contains(volume.deviceId())) {
        log.warn(
            "{}: volume {}: the pool has no device {}", this, volume.name(), volume.deviceId());
      }
    }
  }

  /** A creation that was not finished. Only a device that it made is deleted. */
  private void rollBack(VolumeRecord volume, long reached) throws IOException {
    boolean deviceIsOlder =
        exists(volume.deviceId()) && pool.details(volume.deviceId()).createdIn() != reached;
    if (volume.transactionId() != reached + 1 || deviceIsOlder) {
      throw new IOException(
          records.file(volume.name())
              + ": is of transaction "
              + volume.transactionId()
              + ", but the pool is only at "
              + reached
              + ": the pool is older than its records");
    }
    log.info("{}: volume {}: was not finished, and is removed", this, volume.name());
    finishRemoval(volume);
  }

  private boolean exists(int deviceId) throws IOException {
    return pool.volumeIds().contains(deviceId);
  }

  /** Whoever shows the volumes to others. */
  public interface Audience {
    /** What was written to the files of a volume is to be in it from now on. */
    default void settle(int deviceId) throws IOException {}

    /**
     * A volume goes, or gets another size.
     *
     * @throws IOException when somebody uses it, so that it must stay
     */
    default void release(int deviceId) throws IOException {}

    /** Volumes have come or gone, or have other names or sizes. */
    default void changed() {}
  }

  /** From now on, asks and tells somebody of changes. */
  public void show(Audience shown) {
    audience = shown;
  }

  private void changed() {
    pool.recorded(records);
    audience.changed();
  }

  /** The pool itself. */
  public WritablePool pool() {
    return pool;
  }

  /** What is written into a new volume before it is there for good. */
  public interface Content {
    /** Nothing: the volume reads as zeroes. */
    Content NONE = (volume, size) -> size;

    /**
     * Writes it.
     *
     * @param volume at least as large as the size asked for
     * @param size the size asked for, in bytes
     * @return the size that the volume is to have
     */
    long writeTo(WritableVolume volume, long size) throws IOException;
  }

  /** As large as a volume may be while it is not known how large it gets. */
  public static final long MAX_SIZE = 1L << 56;

  /**
   * Makes a volume.
   *
   * @param size in bytes
   * @throws IOException also when the name is taken; the volume is not there then
   */
  public synchronized void create(String name, long size, Content content) throws IOException {
    VolumeRecord volume = begin(name, size, content != Content.NONE);
    complete(
        volume,
        () -> {
          pool.createThin(volume.deviceId());
          long found =
              content.writeTo(pool.volume(volume.deviceId()).withSize(MAX_SIZE), volume.size());
          if (found != size) {
            records.put(volume.withSize(found));
          }
        });
  }

  /**
   * Makes a volume that holds what another holds now.
   *
   * @param origin a name, or a device id in decimal
   */
  public synchronized void snapshot(String origin, String name) throws IOException {
    snapshot(origin, name, Content.NONE);
  }

  /**
   * Makes a volume that holds what another holds now, and what is then written to it. Nobody sees
   * it before that is done.
   *
   * @param origin a name, or a device id in decimal
   * @param content told the size that the volume has, which stays
   */
  public synchronized void snapshot(String origin, String name, Content content)
      throws IOException {
    int of = id(origin);
    audience.settle(of);
    VolumeRecord record = record(origin);
    long size = record != null ? record.size() : pool.volume(of).size();
    VolumeRecord volume = begin(name, size, record == null || record.initialized());
    complete(
        volume,
        () -> {
          pool.createSnapshot(volume.deviceId(), of);
          content.writeTo(pool.volume(volume.deviceId()).withSize(size), size);
        });
  }

  /** What is recorded of each volume that is there. */
  public synchronized List<VolumeRecord> recorded() {
    return List.copyOf(records.all());
  }

  private VolumeRecord begin(String name, long size, boolean initialized) throws IOException {
    VolumeRecords.checkName(name);
    if (records.byName().containsKey(name)) {
      throw new IOException(this + ": volume " + name + " exists already");
    }
    long next = pool.status().transactionId() + 1;
    VolumeRecord volume = new VolumeRecord(name, freeId(), size, next, initialized, false);
    records.put(volume);
    return volume;
  }

  private int freeId() throws IOException {
    Set<Integer> taken = new HashSet<>(pool.volumeIds());
    records.all().forEach(volume -> taken.add(volume.deviceId()));
    int id = 1;
    while (taken.contains(id)) {
      id++;
    }
    return id;
  }

  /** Something that makes a device. */
  private interface Making {
    void run() throws IOException;
  }

  private void complete(VolumeRecord volume, Making making) throws IOException {
    boolean done = false;
    try {
      making.run();
      pool.commit(); // the device and all that is in it, before the id that stands for them
      pool.setTransactionId(volume.transactionId() - 1, volume.transactionId());
      pool.commit();
      done = true;
    } finally {
      if (!done) {
        undo(volume);
      }
      changed();
    }
  }

  private void undo(VolumeRecord volume) {
    try {
      finishRemoval(volume);
    } catch (IOException e) {
      log.warn("{}: volume {}: left to the next opening: {}", this, volume.name(), e.toString());
    }
  }

  /** The device goes, and after it the record that names it. */
  private void finishRemoval(VolumeRecord volume) throws IOException {
    if (exists(volume.deviceId())) {
      pool.delete(volume.deviceId());
      pool.commit();
    }
    records.remove(volume.name());
  }

  /** Deletes a volume: by name, or a device without a name by its id. */
  public synchronized void remove(String nameOrId) throws IOException {
    VolumeRecord volume = record(nameOrId);
    int id = volume == null ? id(nameOrId) : volume.deviceId();
    audience.release(id);
    try {
      if (volume == null) {
        pool.delete(id);
        pool.commit();
      } else {
        VolumeRecord going = volume.withDeletionBegun();
        records.put(going);
        finishRemoval(going);
      }
    } finally {
      changed();
    }
  }

  /** Gives a volume another name; a device without a name its first, and the size it has. */
  public synchronized void rename(String nameOrId, String newName) throws IOException {
    VolumeRecords.checkName(newName);
    VolumeRecord volume = record(nameOrId);
    if (volume != null) {
      records.rename(volume.name(), newName);
      changed();
      return;
    }
    int id = id(nameOrId);
    if (records.byName().containsKey(newName)) {
      throw new IOException(this + ": volume " + newName + " exists already");
    }
    long reached = pool.status().transactionId();
    records.put(new VolumeRecord(newName, id, pool.volume(id).size(), reached, true, false));
    changed();
  }

  /**
   * Gives a volume another size.
   *
   * @param mayShrink whether what lies beyond a smaller size may be thrown away
   */
  public synchronized void resize(String name, long size, boolean mayShrink) throws IOException {
    VolumeRecord volume = record(name);
    if (volume == null) {
      id(name); // says so where there is none at all
      throw new IOException("volume " + name + ": has no record: give it a name first (rename)");
    }
    if (size < volume.size() && !mayShrink) {
      throw new IOException(
          "volume " + name + ": " + size + " bytes are less than it has, " + volume.size());
    }
    audience.release(volume.deviceId());
    try {
      resized(volume, size);
    } finally {
      changed();
    }
  }

  private void resized(VolumeRecord volume, long size) throws IOException {
    if (size < volume.size()) {
      // Before the record: what would show again after growing must be gone.
      volume(volume.name()).zero(size, volume.size() - size);
      pool.commit();
    }
    records.put(volume.withSize(size));
  }

  /** Something that is done to a volume that nobody uses. */
  public interface Work {
    /** Does it. */
    void on(WritableVolume volume) throws IOException;
  }

  /**
   * Does something to a volume that nobody may show meanwhile.
   *
   * @param nameOrId a name, or a device id in decimal
   * @throws IOException also when somebody uses it
   */
  public synchronized void alone(String nameOrId, Work work) throws IOException {
    WritableVolume volume = volume(nameOrId);
    audience.release(volume.id());
    try {
      work.on(volume);
    } finally {
      changed();
    }
  }

  /**
   * One volume, as large as its record says.
   *
   * @param nameOrId a name, or a device id in decimal
   */
  public synchronized WritableVolume volume(String nameOrId) throws IOException {
    WritableVolume volume = pool.volume(id(nameOrId));
    VolumeRecord record = record(nameOrId);
    return record == null ? volume : volume.withSize(record.size());
  }

  private int id(String nameOrId) throws IOException {
    VolumeRecord volume = record(nameOrId);
    Optional<Integer> id = number(volume == null ? nameOrId : Integer.toString(volume.deviceId()));
    if (id.isEmpty()) {
      throw new IOException(
          this
              + (volume == null
                  ? ": no volume " + nameOrId
                  : ": volume " + nameOrId + ": the pool has no device " + volume.deviceId()));
    }
    return id.get();
  }

  private Optional<Integer> number(String text) throws IOException {
    try {
      int id = Integer.parseInt(text);
      return exists(id) ? Optional.of(id) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** By name, or by the id of its device. */
  private @Nullable VolumeRecord record(String nameOrId) {
    VolumeRecord named = records.byName().get(nameOrId);
    if (named != null) {
      return named;
    }
    for (VolumeRecord volume : records.all()) {
      if (Integer.toString(volume.deviceId()).equals(nameOrId)) {
        return volume;
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    pool.close();
  }

  @Override
  public String toString() {
    return pool.toString();
  }
}
