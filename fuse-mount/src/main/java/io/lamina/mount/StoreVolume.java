package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.SubDevice;
import io.lamina.ext4.WriteOptions;
import io.lamina.fs.FileTree;
import io.lamina.fs.SubTree;
import io.lamina.thin.ThinVolume;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WritableVolume;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;

/**
 * A volume of a store, whose device nobody writes to past its files.
 *
 * @param opening how its files are opened
 */
record StoreVolume(WritablePool pool, int id, String name, Opening opening) implements Volume {
  /** Opens the files of a volume. */
  @FunctionalInterface
  interface Opening {
    FileTree open() throws IOException;
  }

  /** One whose files somebody else has open, and changes, and closes. */
  static StoreVolume lent(WritablePool pool, int id, String name, FileTree files) {
    return new StoreVolume(pool, id, name, () -> new SubTree(files, files.root()));
  }

  /** A layer that is looked at. */
  static StoreVolume layer(WritablePool pool, int id, String name) {
    return new StoreVolume(pool, id, name, () -> VolumeFileSystem.open(SizedVolume.of(pool, id)));
  }

  /** A container's own layer, whose files can be changed. */
  static StoreVolume container(WritablePool pool, int id, String name, WriteOptions writing) {
    return new StoreVolume(pool, id, name, () -> openWritable(SizedVolume.of(pool, id), writing));
  }

  private static FileTree openWritable(ThinVolume volume, WriteOptions writing) throws IOException {
    return volume instanceof WritableVolume writable
        ? VolumeFileSystem.openWritable(writable, writing)
        : VolumeFileSystem.open(volume);
  }

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
    return opening.open();
  }
}
