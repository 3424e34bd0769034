package io.lamina.source;

/**
 * What the pool's metadata do not say of a volume, as docker's devicemapper records hold it.
 *
 * @param name what it is called: the name of the record's file, without {@code .json}
 * @param deviceId its number in the pool
 * @param size its size in bytes
 * @param transactionId the pool's transaction id from which on the volume exists: a greater one
 *     than the pool has belongs to a creation that was not finished
 * @param initialized whether it was given content, a file system say, at its creation
 * @param deleted whether its deletion was begun
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.0/daemon/graphdriver/devmapper/deviceset.go">devInfo
 *     in docker's deviceset.go</a>
 */
public record VolumeRecord(
    String name,
    int deviceId,
    long size,
    long transactionId,
    boolean initialized,
    boolean deleted) {
  /** The same with another size. */
  public VolumeRecord withSize(long bytes) {
    return new VolumeRecord(name, deviceId, bytes, transactionId, initialized, deleted);
  }

  /** The same, its deletion begun. */
  public VolumeRecord withDeletionBegun() {
    return new VolumeRecord(name, deviceId, size, transactionId, initialized, true);
  }
}
