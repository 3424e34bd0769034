package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.SubDevice;
import io.lamina.ext4.WriteOptions;
import io.lamina.fs.FileTree;
import io.lamina.thin.ThinVolume;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WritableVolume;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;

/**
 * A volume that is a layer: a container's files can be changed, all others are looked at. Nobody
 * writes past the files.
 *
 * @param isContainers whether it is a container's own
 */
record StoreVolume(
    WritablePool pool, int id, String name, boolean isContainers, WriteOptions writing)
    implements Volume {
  @Override
  public boolean isWritable() {
    return false;
  }

  @Override
  public long mappedBytes() throws IOException {
    return pool.mappedBlocks(id) * pool.dataBlockBytes();
  }

  @Override
  public BlockDevice device() throws IOException {
    ThinVolume sized = SizedVolume.of(pool, id);
    return new SubDevice(sized, 0, sized.size(), name);
  }

  @Override
  public FileTree openFiles() throws IOException {
    ThinVolume sized = SizedVolume.of(pool, id);
    return isContainers && sized instanceof WritableVolume writable
        ? VolumeFileSystem.openWritable(writable, writing)
        : VolumeFileSystem.open(sized);
  }
}
