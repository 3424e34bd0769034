package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.SubDevice;
import io.lamina.fs.FileTree;
import io.lamina.fs.SubTree;
import io.lamina.thin.ThinVolume;
import io.lamina.thin.WritablePool;
import java.io.IOException;

/**
 * A volume whose files somebody else has open, and changes.
 *
 * @param files closed by him
 */
record LentVolume(WritablePool pool, int id, String name, FileTree files) implements Volume {
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
    return new SubTree(files, files.root());
  }
}
