package io.lamina.source;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a pool is found: its metadata, its data, and what its devices are called.
 *
 * @param metadata file or block device of the metadata
 * @param data file or block device of the data
 * @param names what devices are called, by device id; those it lacks go by their id
 * @param sizes how large devices are in bytes, by device id, as far as somebody wrote it down
 * @param records where that is written down, for who writes to the pool
 */
public record PoolSource(
    Path metadata,
    Path data,
    Map<Integer, String> names,
    Map<Integer, Long> sizes,
    RecordPlace records) {
  /** Keeps copies of the maps. */
  public PoolSource {
    names = Map.copyOf(names);
    sizes = Map.copyOf(sizes);
  }

  /**
   * The pool that a directory holds, to be read: a docker root's, or one of {@link #directory}.
   *
   * @throws IOException when there is none
   */
  public static PoolSource find(Path directory) throws IOException {
    return DockerPool.isIn(directory) ? DockerPool.of(directory, null) : directory(directory);
  }

  /**
   * A directory that holds the files {@code metadata} and {@code data}, and the records of its
   * volumes, where it has any.
   *
   * @throws IOException when it does not, the message says which is missing; or when a record is
   *     none, as {@link VolumeRecords#of}
   */
  public static PoolSource directory(Path directory) throws IOException {
    PoolSource unread = directoryUnread(directory);
    return unread.with(VolumeRecords.in(unread.records()));
  }

  /**
   * The same without the names and sizes of its volumes: for who reads the records himself, when he
   * has the pool to himself.
   */
  public static PoolSource directoryUnread(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new IOException(directory + ": no such directory");
    }
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + ": is no directory; a pool's has files metadata and data");
    }
    if (DockerPool.isIn(directory)) {
      throw new IOException(directory + ": is a docker root; its pool can be read only");
    }
    if (!Files.isExecutable(directory)) {
      throw new AccessDeniedException(directory.toString()); // nothing would seem to be there
    }
    for (String file : new String[] {"metadata", "data"}) {
      if (!Files.exists(directory.resolve(file))) {
        throw new IOException(directory + ": is no pool: has no file " + file);
      }
    }
    return unread(
        directory.resolve("metadata"), directory.resolve("data"), RecordPlace.ofPool(directory));
  }

  /**
   * Two files or block devices, with the records in a place.
   *
   * @throws IOException as {@link VolumeRecords#in}
   */
  public static PoolSource recorded(Path metadata, Path data, RecordPlace place)
      throws IOException {
    return unread(metadata, data, place).with(VolumeRecords.in(place));
  }

  static PoolSource unread(Path metadata, Path data, RecordPlace place) {
    return new PoolSource(metadata, data, Map.of(), Map.of(), place);
  }

  /** The same pool, with the names and sizes of these records of its volumes. */
  public PoolSource with(VolumeRecords volumes) {
    return with(volumes.all());
  }

  PoolSource with(Collection<VolumeRecord> volumes) {
    Map<Integer, String> recordedNames = new HashMap<>();
    Map<Integer, Long> recordedSizes = new HashMap<>();
    for (VolumeRecord volume : volumes) {
      if (!volume.deleted()) {
        recordedNames.put(volume.deviceId(), volume.name());
        recordedSizes.put(volume.deviceId(), volume.size());
      }
    }
    return new PoolSource(metadata, data, recordedNames, recordedSizes, records);
  }

  /** Two files or block devices, without records. */
  public static PoolSource files(Path metadata, Path data) {
    return unread(metadata, data, RecordPlace.NONE);
  }

  /** Opens the metadata for reading. */
  public BlockDevice openMetadata() throws IOException {
    return FileDevice.openReadOnly(metadata);
  }

  /** Opens the data for reading. */
  public BlockDevice openData() throws IOException {
    return FileDevice.openReadOnly(data);
  }

  @Override
  public String toString() {
    Path parent = metadata.getParent();
    return parent != null && parent.equals(data.getParent())
        ? parent.toString()
        : metadata + " and " + data;
  }
}
