package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import java.io.IOException;

/** A volume's files from one directory on; closing it closes the volume's files. */
final class RootFs implements FileTree {
  private final FileTree volume;
  private final Node root;

  RootFs(FileTree volume, Node root) {
    this.volume = volume;
    this.root = root;
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public TreeSpace space() throws IOException {
    return volume.space();
  }

  @Override
  public boolean isWritable() {
    return volume.isWritable();
  }

  @Override
  public void sync() throws IOException {
    volume.sync();
  }

  @Override
  public void close() throws IOException {
    volume.close();
  }
}
