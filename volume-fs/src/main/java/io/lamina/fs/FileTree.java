package io.lamina.fs;

import java.io.Closeable;
import java.io.IOException;

/** A tree of files that can be shown: a volume's, a host directory's, one made of others. */
public interface FileTree extends Closeable {
  /** Its root directory. */
  Node root() throws IOException;

  /** What {@code statfs} tells of it. */
  TreeSpace space() throws IOException;

  /**
   * What {@code statfs} tells at one of its nodes: where a tree is made of others, of the one that
   * the node belongs to.
   */
  default TreeSpace space(Node node) throws IOException {
    return space();
  }

  @Override
  void close() throws IOException;
}
