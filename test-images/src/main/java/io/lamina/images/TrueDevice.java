package io.lamina.images;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One thin device, as the kernel showed it.
 *
 * @param id its device id in the pool
 * @param name what its owner called it: LVM's or docker's name, else the id
 * @param sectorCount the length that the kernel gave it and hashed, in units of 512 bytes
 * @param sha256 of those bytes, in hexadecimal; null where nobody took it
 * @param fileSystem {@code ext4}, {@code xfs} or {@code raw}
 * @param needsRecovery whether its journal was dirty; the manifest shows it replayed
 * @param manifestFile where the tree of its files is written down; null where it has none
 */
public record TrueDevice(
    int id,
    String name,
    long sectorCount,
    @Nullable String sha256,
    String fileSystem,
    boolean needsRecovery,
    @Nullable Path manifestFile) {
  /** Its length in bytes. */
  public long size() {
    return sectorCount * 512;
  }

  /**
   * The tree of its files.
   *
   * @throws IllegalStateException where it holds no files
   */
  public Manifest manifest() throws IOException {
    if (manifestFile == null) {
      throw new IllegalStateException("device " + id + " has no manifest");
    }
    return Manifest.read(manifestFile);
  }
}
