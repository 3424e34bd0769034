package io.lamina.thin;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.source.PoolSource;
import io.lamina.source.VolumeRecords;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool and its volumes. Safe for use by many threads.
 *
 * <p>Opening reads a handful of blocks, whatever the size of the pool. A pool opened for reading
 * must not be written to by others meanwhile; one that the kernel has active is read at its
 * metadata snapshot.
 */
public sealed class ThinPool implements Closeable permits WritablePool {
  private static final Logger log = LoggerFactory.getLogger(ThinPool.class);

  static final long CACHE_BYTES = 32L << 20;

  /** Names and sizes in it change as records do. */
  private volatile PoolSource source;

  final BlockDevice metadataDevice;
  final BlockDevice data;
  private final PoolMetadata metadata;
  private final Map<Integer, Origin> origins = new HashMap<>();
  private final List<BlockDevice> originDevices = new ArrayList<>();
  private final Map<Integer, ThinVolume> volumes = new ConcurrentHashMap<>();

  ThinPool(PoolSource source, BlockDevice metadataDevice, BlockDevice data, PoolMetadata metadata) {
    this.source = source;
    this.metadataDevice = metadataDevice;
    this.data = data;
    this.metadata = metadata;
  }

  /**
   * Opens a pool for reading.
   *
   * <p>Where the data are shorter than the metadata say, only what lies behind their end fails.
   *
   * @throws IOException when a file is missing, no pool's or damaged; the message is a line for
   *     people
   */
  public static ThinPool open(PoolSource source, PoolOptions options) throws IOException {
    BlockDevice metadataDevice = source.openMetadata();
    try {
      PoolMetadata metadata =
          PoolMetadata.open(metadataDevice, options.metadataSnapshot(), CACHE_BYTES);
      BlockDevice data = source.openData();
      ThinPool pool = new ThinPool(source, metadataDevice, data, metadata);
      try {
        pool.warnOfShortData();
        pool.openOrigins(options.externalOrigins());
        return pool;
      } catch (IOException e) {
        pool.closeData();
        throw e;
      }
    } catch (IOException e) {
      metadataDevice.close();
      throw e;
    }
  }

  /**
   * Of a pool to be written to, all data must be there.
   *
   * @throws IOException that says how much is not
   */
  final void requireAllData() throws IOException {
    if (isDataShort()) {
      throw new IOException(shortData());
    }
  }

  private void warnOfShortData() {
    if (isDataShort()) {
      log.warn("{}: what lies behind its end cannot be read", shortData());
    }
  }

  private boolean isDataShort() {
    return Long.compareUnsigned(metadata().dataBlockCount(), data.size() / dataBlockBytes()) > 0;
  }

  private String shortData() {
    return data.name()
        + ": too short: expected "
        + Long.toUnsignedString(metadata().dataBlockCount())
        + " data blocks of "
        + dataBlockBytes()
        + " bytes, found "
        + data.size() / dataBlockBytes();
  }

  final void openOrigins(Map<Integer, Path> paths) throws IOException {
    for (Map.Entry<Integer, Path> entry : paths.entrySet()) {
      if (metadata().deviceRoot(entry.getKey()).isEmpty()) {
        throw new IOException("external origin: " + noDevice(entry.getKey()));
      }
      BlockDevice device = FileDevice.openReadOnly(entry.getValue());
      originDevices.add(device);
      origins.put(entry.getKey(), new Origin(device));
    }
  }

  /** Names and sizes of volumes are not what they were. */
  final void recorded(VolumeRecords records) {
    source = source.with(records);
  }

  /** Size of a data block. */
  public int dataBlockBytes() {
    return metadata().committed().dataBlockBytes();
  }

  /** The metadata, for those who look at the pool's own structures. */
  public PoolMetadata metadata() {
    return metadata;
  }

  /** The device of the metadata, for those who read them as a whole; the pool closes it. */
  public BlockDevice metadataDevice() {
    return metadataDevice;
  }

  /** The pool in numbers, as last committed. */
  public PoolStatus status() {
    Superblock superblock = metadata().committed();
    return new PoolStatus(
        superblock.transactionId(),
        superblock.metadataSpaceMap().allocatedCount(),
        superblock.metadataSpaceMap().blockCount(),
        superblock.dataSpaceMap().allocatedCount(),
        superblock.dataSpaceMap().blockCount(),
        superblock.dataBlockBytes(),
        superblock.heldRoot() == Superblock.BLOCK_NR
            ? OptionalLong.empty()
            : OptionalLong.of(superblock.heldRoot()),
        PoolMode.READ_ONLY,
        superblock.needsCheck(),
        superblock.time());
  }

  /**
   * All volumes, by id.
   *
   * @throws CorruptException when the mapping tree or the details tree is damaged, or they disagree
   */
  public List<VolumeSummary> volumes() throws IOException {
    List<VolumeSummary> summaries = new ArrayList<>();
    for (int id : volumeIds()) {
      summaries.add(summary(id));
    }
    return summaries;
  }

  /**
   * The ids of all volumes, from the mapping tree alone: of a pool with damaged details, some may
   * still be readable.
   */
  public List<Integer> volumeIds() throws IOException {
    List<Integer> ids = new ArrayList<>();
    metadata()
        .forEachDevice(
            (id, root) -> {
              if (!isGoing(id)) {
                ids.add(id);
              }
            });
    return ids;
  }

  private boolean isThere(int id) throws IOException {
    return metadata().deviceRoot(id).isPresent() && !isGoing(id);
  }

  private boolean isGoing(int id) throws IOException {
    try {
      return Deletion.mayBeGoing(id) && details(id).isGoing();
    } catch (CorruptException e) {
      return false; // whoever asks for its details is told
    }
  }

  /** How many data blocks a volume maps at the moment, shared ones included. */
  public long mappedBlocks(int deviceId) throws IOException {
    return details(deviceId).mappedBlocks();
  }

  private VolumeSummary summary(int id) throws IOException {
    DeviceDetails details = details(id);
    return new VolumeSummary(
        id,
        name(id),
        details.mappedBlocks(),
        details.createdIn(),
        details.creationTime(),
        details.snapshottedTime());
  }

  DeviceDetails details(int id) throws IOException {
    Optional<DeviceDetails> details = metadata().deviceDetails(id);
    if (details.isEmpty()) {
      throw new CorruptException(
          new Damage(
              "device details",
              metadata().shown().detailsRoot(),
              "device " + id,
              "present, as in the mapping tree",
              "none"));
    }
    return details.get();
  }

  final String name(int id) {
    return source.names().getOrDefault(id, Integer.toString(id));
  }

  /** The id of the volume of that name, or else of that number in decimal, where there is one. */
  public Optional<Integer> find(String nameOrId) throws IOException {
    for (Map.Entry<Integer, String> entry : source.names().entrySet()) {
      if (entry.getValue().equals(nameOrId)) {
        return Optional.of(entry.getKey());
      }
    }
    try {
      int id = Integer.parseInt(nameOrId);
      return id >= 0 && isThere(id) ? Optional.of(id) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /**
   * One volume; its size is what the source has written down, else the end of the last mapped block
   * or of the external origin.
   *
   * @throws IOException when there is no such device, or its tree is damaged
   */
  public ThinVolume volume(int deviceId) throws IOException {
    ThinVolume known = volumes.get(deviceId);
    if (known != null) {
      return known;
    }
    ThinVolume opened = open(deviceId, origins.getOrDefault(deviceId, Origin.NONE));
    ThinVolume raced = volumes.putIfAbsent(deviceId, opened);
    return raced == null ? opened : raced;
  }

  ThinVolume open(int deviceId, Origin origin) throws IOException {
    OptionalLong root = metadata().deviceRoot(deviceId);
    if (root.isEmpty() || isGoing(deviceId)) {
      throw new IOException(noDevice(deviceId));
    }
    Mappings mappings = new StoredMappings(metadata(), root.getAsLong());
    return new ThinVolume(
        deviceId,
        name(deviceId),
        mappings,
        data,
        dataBlockBytes(),
        origin,
        size(deviceId, mappings, origin));
  }

  /** What was written down, else the end of the last mapped block or of the external origin. */
  final long size(int deviceId, Mappings mappings, Origin origin) throws IOException {
    Long recorded = source.sizes().get(deviceId);
    return recorded != null
        ? recorded
        : Math.max((mappings.lastMapped() + 1) * dataBlockBytes(), origin.size());
  }

  /** A volume's size in bytes, where somebody wrote it down. */
  public OptionalLong recordedSize(int deviceId) {
    Long recorded = source.sizes().get(deviceId);
    return recorded == null ? OptionalLong.empty() : OptionalLong.of(recorded);
  }

  /** Volumes that were looked up so far. */
  final Collection<ThinVolume> knownVolumes() {
    return volumes.values();
  }

  /** A volume that is gone is not to be found here again. */
  final void forget(int deviceId) {
    volumes.remove(deviceId);
  }

  final String noDevice(int id) {
    return source + ": no thin device " + id;
  }

  /**
   * How many data blocks a volume alone refers to: what deleting it would free. Walks its whole
   * tree.
   */
  public long exclusivelyMappedBlocks(int deviceId) throws IOException {
    return metadata().exclusivelyMappedBlocks(deviceId);
  }

  final void closeData() throws IOException {
    for (BlockDevice device : originDevices) {
      device.close();
    }
    data.close();
  }

  @Override
  public void close() throws IOException {
    closeData();
    metadataDevice.close();
  }

  @Override
  public String toString() {
    return source.toString();
  }
}
