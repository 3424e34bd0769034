package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.fs.FileTree;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A volume of a thin pool. */
final class ThinPoolVolume implements Volume {
  private final ThinPool pool;
  private final int id;
  private final String name;
  private final long mappedBytes;
  private volatile @Nullable ThinVolume device;

  ThinPoolVolume(ThinPool pool, int id, String name, long mappedBytes) {
    this.pool = pool;
    this.id = id;
    this.name = name;
    this.mappedBytes = mappedBytes;
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
  public long mappedBytes() {
    return mappedBytes;
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
