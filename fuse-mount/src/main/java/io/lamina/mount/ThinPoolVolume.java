package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ext4.Ext4;
import io.lamina.ext4.WriteOptions;
import io.lamina.fs.FileTree;
import io.lamina.thin.ThinPool;
import io.lamina.thin.ThinVolume;
import io.lamina.thin.WritablePool;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A volume of a thin pool. */
final class ThinPoolVolume implements Volume {
  private static final Logger LOG = LoggerFactory.getLogger(ThinPoolVolume.class);

  private final ThinPool pool;
  private final int id;
  private final String name;
  private final WriteOptions options;
  private volatile @Nullable ThinVolume device;

  ThinPoolVolume(ThinPool pool, int id, String name, WriteOptions options) {
    this.options = options;
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
    if (!(device() instanceof WritableDevice writable)) {
      return VolumeFileSystem.open(device());
    }
    FileTree files = VolumeFileSystem.openWritable(writable, options);
    if (!files.isWritable()) {
      LOG.warn("volume {} is read-only: {}", name, reason(files));
    }
    return files;
  }

  private static String reason(FileTree files) {
    String reason = files instanceof Ext4 ext4 ? ext4.readOnlyReason() : null;
    return reason == null ? "its file system cannot be written to here" : reason;
  }
}
