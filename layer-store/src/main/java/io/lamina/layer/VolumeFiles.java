package io.lamina.layer;

import io.lamina.fs.FileTree;
import java.io.Closeable;
import java.io.IOException;

/** Who keeps the file systems in a pool's volumes open, each of them once. */
public interface VolumeFiles extends Closeable {
  /**
   * The files of a volume. They stay open until this is closed, or the volume goes.
   *
   * @throws io.lamina.fs.FsException ENOENT when there is no volume of that name
   */
  FileTree files(String volumeName) throws IOException;

  /**
   * Refuses to go on while a file of a volume is open.
   *
   * @throws io.lamina.fs.FsException EBUSY then
   */
  default void requireUnused(String volumeName) throws IOException {}
}
