package io.lamina.persist.btree;

import io.lamina.ondisk.CorruptException;
import io.lamina.persist.BlockReader;
import java.io.IOException;

/**
 * Reads trees of one kind of value. A tree is its root's block number; the same object reads any of
 * them.
 *
 * <p>To walk a tree in bounded memory, go from leaf to leaf:
 *
 * <pre>{@code
 * Leaf leaf = tree.leaf(root, 0);
 * while (true) {
 *   // leaf.node(), where not null, holds every key of leaf.firstKey() … leaf.lastKey()
 *   if (leaf.isLast()) break;
 *   leaf = tree.leaf(root, leaf.lastKey() + 1);
 * }
 * }</pre>
 *
 * <p>Each descent is verified: kinds and sizes of nodes, keys within what the parent says, no block
 * twice on a path, and no path longer than {@link #MAX_DEPTH}. So a walk ends whatever the disk
 * says: each leaf lies strictly beyond the one before.
 */
public final class BTree {
  /** Longer than any path can grow: nodes hold at least 3 entries, the metadata 2^22 blocks. */
  public static final int MAX_DEPTH = 16;

  private static final int CHILD_BYTES = Long.BYTES;

  private final BlockReader blocks;
  private final int valueBytes;
  private final String name;

  /**
   * Trees of values of a size.
   *
   * @param name what to call such a tree in messages: {@code device details}
   */
  public BTree(BlockReader blocks, int valueBytes, String name) {
    this.blocks = blocks;
    this.valueBytes = valueBytes;
    this.name = name;
  }

  /** What such a tree is called. */
  public String name() {
    return name;
  }

  /** The leaf that has the say about a key. */
  public Leaf leaf(long root, long key) throws IOException {
    return leaf(root, key, NodeVisitor.NONE);
  }

  /** The same, showing each node on the way, from the root down. */
  public Leaf leaf(long root, long key, NodeVisitor visitor) throws IOException {
    long[] path = new long[MAX_DEPTH];
    long first = 0;
    long last = -1;
    long blockNr = root;
    boolean shared = false;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      Node node = blocks.read(blockNr, Node.TYPE);
      check(node, depth, first, last, path);
      path[depth] = blockNr;
      shared |= visitor.visit(node, depth);
      if (!node.isInternal()) {
        return new Leaf(node, first, last, shared);
      }
      int index = node.floorIndex(key);
      if (index < 0) {
        return new Leaf(null, first, node.key(0) - 1, shared);
      }
      first = node.key(index);
      last = index + 1 < node.entryCount() ? node.key(index + 1) - 1 : last;
      blockNr = node.longValue(index);
    }
    throw tooDeep(root);
  }

  private CorruptException tooDeep(long root) {
    return new CorruptException(
        new io.lamina.ondisk.Damage(
            "btree node", root, "depth", "at most " + MAX_DEPTH, "more, in the " + name + " tree"));
  }

  private void check(Node node, int depth, long first, long last, long[] path)
      throws CorruptException {
    for (int i = 0; i < depth; i++) {
      if (path[i] == node.blockNr()) {
        throw node.damaged("parent", "a path without cycles", "itself among its ancestors");
      }
    }
    int expectedBytes = node.isInternal() ? CHILD_BYTES : valueBytes;
    if (node.valueBytes() != expectedBytes) {
      throw node.damaged(
          "value_size", expectedBytes + ", in the " + name + " tree", "" + node.valueBytes());
    }
    int count = node.entryCount();
    if (count == 0) {
      if (depth > 0 || node.isInternal()) {
        throw node.damaged("nr_entries", "at least 1", "0");
      }
      return;
    }
    if (Long.compareUnsigned(node.key(0), first) < 0) {
      throw node.damaged("key 0", "at least " + unsigned(first), unsigned(node.key(0)));
    }
    if (Long.compareUnsigned(node.key(count - 1), last) > 0) {
      throw node.damaged(
          "key " + (count - 1), "at most " + unsigned(last), unsigned(node.key(count - 1)));
    }
  }

  private static String unsigned(long key) {
    return Long.toUnsignedString(key);
  }

  /**
   * Where a key's value is.
   *
   * @return the index in the leaf, or -1 where the tree lacks the key
   */
  public static int indexOf(Leaf leaf, long key) {
    Node node = leaf.node();
    if (node == null) {
      return -1;
    }
    int index = node.floorIndex(key);
    return index >= 0 && node.key(index) == key ? index : -1;
  }

  /** The highest key. */
  public java.util.OptionalLong lastKey(long root) throws IOException {
    Node node = leaf(root, -1).node();
    return node == null || node.entryCount() == 0
        ? java.util.OptionalLong.empty()
        : java.util.OptionalLong.of(node.key(node.entryCount() - 1));
  }
}
