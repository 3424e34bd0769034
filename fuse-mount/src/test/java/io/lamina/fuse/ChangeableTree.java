package io.lamina.fuse;

import io.lamina.fs.FileTree;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import java.util.concurrent.atomic.AtomicInteger;

/** A tree in memory that can be changed; it counts what it was asked to keep. */
public final class ChangeableTree implements FileTree {
  public final AtomicInteger holds = new AtomicInteger();
  public final AtomicInteger syncs = new AtomicInteger();
  public final AtomicInteger writes = new AtomicInteger();
  public final AtomicInteger openFiles = new AtomicInteger();

  /** How many bytes all files together may have. */
  public volatile long roomBytes = 1L << 30;

  public volatile long trimmedBytes;
  private final ChangeableNode root = ChangeableNode.root(this);

  @Override
  public Node root() {
    return root;
  }

  @Override
  public boolean isWritable() {
    return true;
  }

  @Override
  public TreeSpace space() {
    return MemoryTree.SPACE;
  }

  @Override
  public void sync() {
    syncs.incrementAndGet();
  }

  @Override
  public long trim(long offset, long length, long minimum) {
    trimmedBytes = length;
    return 4096;
  }

  @Override
  public void close() {
    // Memory: nothing to give back.
  }
}
