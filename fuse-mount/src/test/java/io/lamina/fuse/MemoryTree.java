package io.lamina.fuse;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;

/** A tree made of {@link MemoryNode}s. */
public record MemoryTree(Node root) implements FileTree {
  /** What each of them says of its space. */
  public static final TreeSpace SPACE = new TreeSpace(1024, 5000, 4000, 3000, 200, 100, 255);

  @Override
  public TreeSpace space() {
    return SPACE;
  }

  @Override
  public void close() {
    // Memory: nothing to give back.
  }
}
