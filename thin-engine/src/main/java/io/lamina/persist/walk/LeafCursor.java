package io.lamina.persist.walk;

import io.lamina.ondisk.CorruptException;
import java.io.IOException;

/**
 * Goes through the leaves of a tree in the order of their keys, holding one path. Ends with a
 * {@link CorruptException} at the first damage, and always ends: each leaf lies strictly beyond the
 * one before.
 */
public final class LeafCursor {
  private final BlockScan blocks;
  private final int valueBytes;
  private final WalkedNode[] path = new WalkedNode[WalkedNode.MAX_DEPTH];
  private final int[] index = new int[WalkedNode.MAX_DEPTH];
  private final long[] last = new long[WalkedNode.MAX_DEPTH];
  private final String tree;
  private int depth = -1;
  private long root;
  private boolean isStarted;

  /**
   * A cursor over no tree yet.
   *
   * @param valueBytes size of a leaf's values
   * @param tree what to call the tree in messages
   */
  public LeafCursor(BlockScan blocks, int valueBytes, String tree) {
    this.blocks = blocks;
    this.valueBytes = valueBytes;
    this.tree = tree;
  }

  /** Starts before the first leaf of a tree. */
  public LeafCursor open(long rootNr) {
    root = rootNr;
    isStarted = false;
    depth = -1;
    return this;
  }

  /** Goes to the next leaf; false behind the last. */
  public boolean next() throws IOException {
    if (!isStarted) {
      isStarted = true;
      descend(root, 0, -1);
      return true;
    }
    while (--depth >= 0) {
      if (++index[depth] < path[depth].entryCount()) {
        descendToChild();
        return true;
      }
    }
    return false;
  }

  /** The leaf. */
  public WalkedNode leaf() {
    return path[depth];
  }

  private void descendToChild() throws IOException {
    WalkedNode parent = path[depth];
    int at = index[depth];
    descend(parent.value(at), parent.key(at), parent.lastKey(at, last[depth]));
  }

  private void descend(long start, long firstKey, long lastKey) throws IOException {
    long blockNr = start;
    long first = firstKey;
    long highest = lastKey;
    while (true) {
      if (++depth == WalkedNode.MAX_DEPTH) {
        throw path[0].damaged("depth", "at most " + WalkedNode.MAX_DEPTH, "more");
      }
      WalkedNode node = place();
      node.load(blocks, blockNr, valueBytes);
      node.checkPlace(depth, first, highest);
      index[depth] = 0;
      last[depth] = highest;
      if (!node.isInternal()) {
        return;
      }
      blockNr = node.value(0);
      first = node.key(0);
      highest = node.lastKey(0, highest);
    }
  }

  private WalkedNode place() {
    if (path[depth] == null) {
      path[depth] = new WalkedNode(tree);
    }
    return path[depth];
  }
}
