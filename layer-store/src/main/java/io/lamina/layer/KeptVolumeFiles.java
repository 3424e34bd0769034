package io.lamina.layer;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The files of a pool's volumes, opened for reading when they are first asked for. Those of a
 * volume that is changed or deleted are closed. Safe for use by many threads.
 */
final class KeptVolumeFiles implements VolumeFiles, PoolVolumes.Audience {
  private final ThinPool pool;
  private final Map<Integer, FileTree> byDevice = new TreeMap<>();

  /** Closing it leaves the pool open. */
  KeptVolumeFiles(ThinPool pool) {
    this.pool = pool;
  }

  @Override
  public synchronized FileTree files(String volumeName) throws IOException {
    int deviceId = deviceId(pool, volumeName);
    FileTree known = byDevice.get(deviceId);
    if (known == null) {
      known = open(volumeName, deviceId);
      byDevice.put(deviceId, known);
    }
    return known;
  }

  private FileTree open(String volumeName, int deviceId) throws IOException {
    try {
      return VolumeFileSystem.open(sized(pool, deviceId));
    } catch (UnsupportedException e) {
      throw new UnsupportedException("device " + volumeName + ": " + e.getMessage());
    }
  }

  /** A volume as long as its record says now. */
  static ThinVolume sized(ThinPool pool, int deviceId) throws IOException {
    ThinVolume volume = pool.volume(deviceId);
    OptionalLong recorded = pool.recordedSize(deviceId);
    return recorded.isPresent() ? volume.withSize(recorded.getAsLong()) : volume;
  }

  static int deviceId(ThinPool pool, String name) throws IOException {
    return pool.find(name)
        .orElseThrow(() -> new FsException(Errno.ENOENT, "device " + name + " of the pool"));
  }

  @Override
  public synchronized void release(int deviceId) throws IOException {
    @Nullable FileTree known = byDevice.remove(deviceId);
    if (known != null) {
      known.close();
    }
  }

  @Override
  public synchronized void close() throws IOException {
    for (FileTree files : byDevice.values()) {
      files.close();
    }
    byDevice.clear();
  }
}
