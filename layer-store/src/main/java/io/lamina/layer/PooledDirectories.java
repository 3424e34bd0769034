package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WriteOptions;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The aufs layers of a store of Lamina's own: directories in the one volume of a pool, with an ext4
 * file system.
 */
final class PooledDirectories {
  static final String VOLUME = "aufs";

  private PooledDirectories() {}

  /** The pool's directory. */
  static Path pool(Path root) {
    return root.resolve("aufs");
  }

  /** To be read. */
  static StoredDirectories read(ThinPool pool) throws IOException {
    int deviceId = KeptVolumeFiles.deviceId(pool, VOLUME);
    FileTree files = VolumeFileSystem.open(KeptVolumeFiles.sized(pool, deviceId));
    return new AufsDirectories(files, files.root());
  }

  /** To be changed. */
  static WritableUnions open(Path root, WriteOptions options) throws IOException {
    return of(PoolVolumes.open(pool(root), options));
  }

  /** The same in a pool that is open, and closed with them. */
  static WritableUnions of(PoolVolumes volumes) throws IOException {
    try {
      FileTree files =
          VolumeFileSystem.openWritable(
              volumes.volume(VOLUME), io.lamina.ext4.WriteOptions.DEFAULT);
      return new WritableUnions(new AufsDirectories(files, files.root()), volumes);
    } catch (IOException e) {
      volumes.close();
      throw e;
    }
  }
}
