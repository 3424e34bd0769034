package io.lamina.cli;

import io.lamina.ext4.WriteOptions;
import io.lamina.fs.FileTree;
import io.lamina.thin.PoolVolumes;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** The space of a volume that its file system does not use. */
final class UnusedSpace {
  private UnusedSpace() {}

  /**
   * Gives it back to the pool, as {@code fstrim} does.
   *
   * @return how many bytes the file system told of
   * @throws IOException when it holds none that can be written, or somebody uses it
   */
  static long discard(PoolVolumes volumes, String name) throws IOException {
    AtomicLong told = new AtomicLong();
    volumes.alone(
        name,
        volume -> {
          try (FileTree tree = VolumeFileSystem.openWritable(volume, WriteOptions.DEFAULT)) {
            told.set(tree.trim(0, Long.MAX_VALUE, 0));
          }
        });
    volumes.pool().commit();
    return told.get();
  }
}
