package io.lamina.fs;

import java.io.IOException;

/**
 * What lies below one directory of a tree, as a tree. Reads only; closing it leaves the whole open.
 */
public final class SubTree implements FileTree {
  private final FileTree whole;
  private final Node root;

  /** The tree below a directory of another. */
  public SubTree(FileTree whole, Node root) {
    this.whole = whole;
    this.root = root;
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public TreeSpace space() throws IOException {
    return whole.space(root);
  }

  @Override
  public TreeSpace space(Node node) throws IOException {
    return whole.space(node);
  }

  @Override
  public void close() {
    // The whole is somebody else's.
  }
}
