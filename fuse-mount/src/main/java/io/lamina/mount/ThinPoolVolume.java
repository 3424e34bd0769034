package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.fs.FileTree;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.thin.WritablePool;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A volume of a thin pool. */
final class ThinPoolVolume implements Volume {
  private final ThinPool pool;
  private final int id;
  private final String name;
  private volatile @Nullable ThinVolume device;

  ThinPoolVolume(ThinPool pool, int id, String name) {
    this.pool = pool;
    this.id = id;
    this.name = name;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean isWritable() {
    return pool instanceof WritablePool;
  }

  @Override
  public long mappedBytes() throws IOException {
    return pool.mappedBlocks(id) * pool.dataBlockBytes();
  }

  @Override
  public BlockDevice device() throws IOException {
    ThinVolume known = device;
    if (known == null) {
      known = SizedVolume.of(pool, id);
      device = known;
    }
    return known;
  }

  @Override
  public FileTree openFiles() throws IOException {
    return VolumeFileSystem.open(device());
  }
}
