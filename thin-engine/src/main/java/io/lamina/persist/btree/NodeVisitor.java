package io.lamina.persist.btree;

import java.io.IOException;

/** Sees the nodes on the way to a leaf. */
@FunctionalInterface
public interface NodeVisitor {
  /** Looks at none. */
  NodeVisitor NONE = (node, depth) -> false;

  /**
   * One node, already verified.
   *
   * @param depth 0 for the root
   * @return whether this node has more than one parent, for {@link Leaf#shared}
   */
  boolean visit(Node node, int depth) throws IOException;
}
