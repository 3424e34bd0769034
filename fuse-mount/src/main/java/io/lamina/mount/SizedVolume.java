package io.lamina.mount;

import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.volume.FileSystemInfo;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** A volume at its size, which the pool's own metadata do not hold. */
public final class SizedVolume {
  private SizedVolume() {}

  /**
   * A volume as long as its record says, else as its file system says, else up to its last mapped
   * block.
   *
   * @throws IOException when there is no such device, or its tree is damaged
   */
  public static ThinVolume of(ThinPool pool, int deviceId) throws IOException {
    ThinVolume volume = pool.volume(deviceId);
    OptionalLong recorded = pool.recordedSize(deviceId);
    if (recorded.isPresent()) {
      return volume.withSize(recorded.getAsLong()); // which may be another since it was opened
    }
    Optional<FileSystemInfo> files = VolumeFileSystem.probe(volume);
    return files.isPresent() && files.get().sizeBytes() > 0
        ? volume.withSize(files.get().sizeBytes())
        : volume;
  }
}
