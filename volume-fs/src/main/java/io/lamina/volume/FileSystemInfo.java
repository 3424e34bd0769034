package io.lamina.volume;

/**
 * What a volume holds, as far as its first bytes tell.
 *
 * @param kind {@code ext4}, {@code xfs}, {@code swap}: the name by which {@code blkid} calls it
 * @param label its label, empty where it has none or keeps it elsewhere
 * @param uuid its UUID in the usual form, empty where it has none or keeps it elsewhere
 * @param sizeBytes how long it says it is, 0 where that is not known
 */
public record FileSystemInfo(String kind, String label, String uuid, long sizeBytes) {
  /** Something of which only the kind is known. */
  static FileSystemInfo ofKind(String kind) {
    return new FileSystemInfo(kind, "", "", 0);
  }
}
