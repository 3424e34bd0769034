package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualOwner;
import java.util.List;

/** What an image without a layer looks like. */
final class EmptyTree implements FileTree {
  static final EmptyTree INSTANCE = new EmptyTree();

  private static final int ROOT_INODE_NR = 1;
  private static final int BLOCK_BYTES = 4096;
  private static final int NAME_MAX_BYTES = 255;

  private final Node root =
      new VirtualDirectory(ROOT_INODE_NR, VirtualOwner.ROOT, List.of(), false);

  private EmptyTree() {}

  @Override
  public Node root() {
    return root;
  }

  @Override
  public TreeSpace space() {
    return new TreeSpace(BLOCK_BYTES, 0, 0, 0, 0, 0, NAME_MAX_BYTES);
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
