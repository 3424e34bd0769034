package io.lamina.layer.union;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import java.io.IOException;

/**
 * One of the directories that a union is made of. Nobody but the union may change it meanwhile.
 *
 * @param tree the tree that it lies in; the union does not close it
 * @param root the directory itself: the root of that tree, or one below
 * @param mode whether it is written to, and whether it may hide what lies below
 */
public record Branch(FileTree tree, Node root, Mode mode) {
  /** What a branch is for, in aufs' words {@code rw}, {@code ro} and {@code ro+wh}. */
  public enum Mode {
    /** Changes go here: the first branch only. */
    WRITABLE,
    /** Its whiteouts are no whiteouts; aufs alone knows such branches. */
    READ_ONLY,
    /** Its whiteouts hide what lies below. */
    READ_ONLY_WITH_WHITEOUTS
  }

  /** The branch that takes the changes. */
  public static Branch upper(FileTree tree) throws IOException {
    return new Branch(tree, tree.root(), Mode.WRITABLE);
  }

  /** A layer as docker has them. */
  public static Branch lower(FileTree tree) throws IOException {
    return new Branch(tree, tree.root(), Mode.READ_ONLY_WITH_WHITEOUTS);
  }

  boolean isWritable() {
    return mode == Mode.WRITABLE;
  }

  boolean hasWhiteouts() {
    return mode != Mode.READ_ONLY;
  }
}
