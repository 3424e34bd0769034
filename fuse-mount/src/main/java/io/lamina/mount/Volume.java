package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.fs.FileTree;
import java.io.IOException;

/** A volume as the mounted tree shows it. Everything but its id and name may read the pool. */
interface Volume {
  /** Its device id, unsigned 24 bits. */
  int id();

  /** What its directory and its raw file are called. */
  String name();

  /** Whether it can be changed. */
  boolean isWritable();

  /** Space it takes in the pool at the moment, shared space included, in bytes. */
  long mappedBytes() throws IOException;

  /** Its raw content, in its size; a {@link WritableDevice} where it can be changed. */
  BlockDevice device() throws IOException;

  /**
   * Opens its file system; each call opens it anew.
   *
   * @throws IOException when there is none, or none that can be opened; the message says why
   */
  FileTree openFiles() throws IOException;
}
