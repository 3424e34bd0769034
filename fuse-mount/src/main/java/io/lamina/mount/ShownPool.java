package io.lamina.mount;

import io.lamina.fs.TreeSpace;
import java.io.IOException;

/** The pool that a tree's volumes lie in, as far as the tree shows it. */
interface ShownPool {
  /** Whether its volumes can be changed. */
  boolean isWritable();

  /** Its space at the moment. */
  TreeSpace space();

  /** What the file {@code status} says. */
  String status() throws IOException;

  /** Returns when all that was done to it outlives a power cut. */
  void commit() throws IOException;
}
