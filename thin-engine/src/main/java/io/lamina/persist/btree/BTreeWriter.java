package io.lamina.persist.btree;

import io.lamina.persist.BlockManager;
import io.lamina.persist.Shadow;
import io.lamina.persist.TransactionManager;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Changes trees of one kind of value, within a transaction. Each change gives the block number of
 * the new root; the old root must not be used any more.
 *
 * <p>Nodes on the way are shadowed. When the original of a shadow is still referred to (by a
 * snapshot), its children and values gain a parent, and are counted so. Nodes but the root are kept
 * at least a third full, which is what others expect.
 *
 * <p>For one thread at a time.
 */
public final class BTreeWriter {
  private final TransactionManager transaction;
  private final int valueBytes;
  private final ValueReferences references;
  private long droppedCount;

  /** Trees of values of a size, which refer to what {@code references} knows. */
  public BTreeWriter(TransactionManager transaction, int valueBytes, ValueReferences references) {
    this.transaction = transaction;
    this.valueBytes = valueBytes;
    this.references = references;
  }

  /** A new empty tree. */
  public long create() throws IOException {
    return MutableNode.format(transaction.create(Node.TYPE), false, valueBytes).blockNr;
  }

  /** The bytes of an empty tree's root, for a block that no transaction has made. */
  public static ByteBuffer emptyLeaf(int valueBytes) {
    ByteBuffer bytes = ByteBuffer.allocate(BlockManager.BLOCK_BYTES);
    MutableNode unused = MutableNode.format(new Shadow(0, bytes, false), false, valueBytes);
    return bytes;
  }

  private MutableNode shadow(long blockNr) throws IOException {
    Shadow shadow = transaction.shadow(blockNr, Node.TYPE);
    MutableNode node = new MutableNode(shadow);
    if (shadow.childrenShared()) {
      for (int i = 0; i < node.count(); i++) {
        if (node.isInternal()) {
          transaction.space().increment(node.child(i));
        } else {
          references.increment(node.bytes(), node.valueOffset(i));
        }
      }
    }
    return node;
  }

  /**
   * Puts a value in; one that was there is dropped, and what it referred to is counted down.
   *
   * @return the new root
   */
  public long insert(long root, long key, byte[] value) throws IOException {
    return put(root, key, value, true);
  }

  /**
   * Puts a value in; what an old value referred to lives on in the new one, and is not counted.
   *
   * @return the new root
   */
  public long update(long root, long key, byte[] value) throws IOException {
    return put(root, key, value, false);
  }

  private long put(long root, long key, byte[] value, boolean dropOld) throws IOException {
    MutableNode node = shadow(root);
    if (node.isFull() && needsRoom(node, key)) {
      node = growRoot(node);
    }
    long newRoot = node.blockNr;
    insertInto(node, key, value, dropOld);
    return newRoot;
  }

  /** Whether an insert might add an entry: of an internal node, always. */
  private static boolean needsRoom(MutableNode node, long key) {
    if (node.isInternal()) {
      return true;
    }
    int floor = node.floorIndex(key);
    return floor < 0 || node.key(floor) != key;
  }

  private MutableNode growRoot(MutableNode node) throws IOException {
    MutableNode root = MutableNode.format(transaction.create(Node.TYPE), true, valueBytes);
    root.insertChild(0, node.key(0), node.blockNr);
    return root;
  }

  /** Goes down; every node on the way has room for one more entry. */
  private void insertInto(MutableNode start, long key, byte[] value, boolean dropOld)
      throws IOException {
    MutableNode node = start;
    while (node.isInternal()) {
      int index = node.floorIndex(key);
      if (index < 0) {
        index = 0;
        node.setKey(0, key); // the lowest key of the tree moves down
      }
      MutableNode child = shadow(node.child(index));
      node.setChild(index, child.blockNr);
      if (child.isFull() && needsRoom(child, key)) {
        MutableNode right = split(child, key);
        node.insertChild(index + 1, right.key(0), right.blockNr);
        child = Long.compareUnsigned(key, right.key(0)) < 0 ? child : right;
      }
      node = child;
    }
    int floor = node.floorIndex(key);
    if (floor >= 0 && node.key(floor) == key) {
      if (dropOld) {
        references.decrement(node.bytes(), node.valueOffset(floor));
      }
      node.setValue(floor, value);
    } else {
      node.insertKey(floor + 1, key);
      node.setValue(floor + 1, value);
    }
  }

  /** In halves; where keys arrive in order, two thirds stay: what follows fills the right one. */
  private MutableNode split(MutableNode left, long key) throws IOException {
    MutableNode right =
        MutableNode.format(transaction.create(Node.TYPE), left.isInternal(), valueBytes);
    boolean atEnd = Long.compareUnsigned(key, left.key(left.count() - 1)) > 0;
    left.moveTailTo(
        right, atEnd ? Math.max(left.minEntries(), right.minEntries()) : left.count() / 2);
    return right;
  }

  /**
   * Makes the path to a key this transaction's own, so that what its value refers to is counted
   * once for each tree that holds it. Needed before what a value refers to is itself changed.
   *
   * @return the new root
   */
  public long touch(long root, long key) throws IOException {
    MutableNode node = shadow(root);
    long newRoot = node.blockNr;
    while (node.isInternal()) {
      int index = Math.max(0, node.floorIndex(key));
      MutableNode child = shadow(node.child(index));
      node.setChild(index, child.blockNr);
      node = child;
    }
    return newRoot;
  }

  /**
   * Takes a key out, where the tree has it; what its value referred to is counted down.
   *
   * @return the new root
   */
  public long remove(long root, long key) throws IOException {
    MutableNode node = shadow(root);
    removeFrom(node, key);
    while (node.isInternal() && node.count() == 1) {
      MutableNode child = shadow(node.child(0));
      free(node);
      node = child;
    }
    return node.blockNr;
  }

  /** How many values left their tree since this was last asked. */
  public long takeDroppedCount() {
    long count = droppedCount;
    droppedCount = 0;
    return count;
  }

  private void free(MutableNode node) throws IOException {
    transaction.space().decrement(node.blockNr);
    transaction.forget(node.blockNr);
  }

  private void removeFrom(MutableNode node, long key) throws IOException {
    int index = node.floorIndex(key);
    if (index < 0) {
      return;
    }
    if (node.isInternal()) {
      MutableNode child = shadow(node.child(index));
      node.setChild(index, child.blockNr);
      removeFrom(child, key); // as deep as the tree, which was checked on the way
      if (child.count() < child.minEntries() && node.count() > 1) {
        rebalance(node, index, child);
      }
    } else if (node.key(index) == key) {
      references.decrement(node.bytes(), node.valueOffset(index));
      droppedCount++;
      node.delete(index);
    }
  }

  /** Fills an underfull child from a neighbour, or makes one of the two. */
  private void rebalance(MutableNode parent, int index, MutableNode child) throws IOException {
    int leftIndex = index > 0 ? index - 1 : index;
    MutableNode other = shadow(parent.child(index > 0 ? leftIndex : index + 1));
    MutableNode left = index > 0 ? other : child;
    MutableNode right = index > 0 ? child : other;
    parent.setChild(leftIndex, left.blockNr);
    parent.setChild(leftIndex + 1, right.blockNr);
    int total = left.count() + right.count();
    if (total <= left.maxEntries()) {
      left.takeHeadOf(right, right.count());
      free(right);
      parent.delete(leftIndex + 1);
      return;
    }
    int goal = total / 2;
    if (left.count() < goal) {
      left.takeHeadOf(right, goal - left.count());
    } else {
      left.moveTailTo(right, left.count() - goal);
    }
    parent.setKey(leftIndex + 1, right.key(0));
  }

  /**
   * One reference to a tree less. Where it was the last, its nodes are freed, and what its values
   * refer to is counted down: as much work as there are nodes that nobody shares.
   */
  public void release(long root) throws IOException {
    release(root, 0);
  }

  private void release(long blockNr, int depth) throws IOException {
    if (transaction.space().count(blockNr) == 1 && depth < BTree.MAX_DEPTH) {
      Node node = transaction.read(blockNr, Node.TYPE);
      for (int i = 0; i < node.entryCount(); i++) {
        if (node.isInternal()) {
          release(node.longValue(i), depth + 1);
        } else {
          references.decrement(node.bytes(), node.valueOffset(i));
        }
      }
      transaction.forget(blockNr);
    }
    transaction.space().decrement(blockNr);
  }

  /**
   * Drops a part of a tree that is about to go: its last child with all below, where that is a leaf
   * or holds only leaves, or is shared; else its last leaf, entry by entry. Bounded work, and a
   * sound tree afterwards.
   *
   * @return the new root; an empty leaf when all is gone
   */
  public long releaseSome(long root) throws IOException {
    if (transaction.space().count(root) > 1) {
      release(root);
      return create();
    }
    MutableNode node = shadow(root);
    if (!node.isInternal()) {
      for (int i = node.count() - 1; i >= 0; i--) {
        references.decrement(node.bytes(), node.valueOffset(i));
        droppedCount++;
        node.delete(i);
      }
      return node.blockNr;
    }
    long last = node.child(node.count() - 1);
    if (transaction.space().count(last) > 1 || isLow(last)) {
      droppedCount += valueCount(last, 0);
      release(last);
      node.delete(node.count() - 1);
      return node.count() == 0 ? replaceByEmpty(node) : collapse(node);
    }
    return removeLastLeaf(node.blockNr);
  }

  private long valueCount(long blockNr, int depth) throws IOException {
    Node node = transaction.read(blockNr, Node.TYPE);
    if (!node.isInternal() || depth == BTree.MAX_DEPTH) {
      return node.entryCount();
    }
    long count = 0;
    for (int i = 0; i < node.entryCount(); i++) {
      count += valueCount(node.longValue(i), depth + 1);
    }
    return count;
  }

  private long replaceByEmpty(MutableNode node) throws IOException {
    free(node);
    return create();
  }

  private long collapse(MutableNode start) throws IOException {
    MutableNode node = start;
    while (node.isInternal() && node.count() == 1) {
      MutableNode child = shadow(node.child(0));
      free(node);
      node = child;
    }
    return node.blockNr;
  }

  /** A leaf, or a node above leaves. */
  private boolean isLow(long blockNr) throws IOException {
    Node node = transaction.read(blockNr, Node.TYPE);
    return !node.isInternal() || !transaction.read(node.longValue(0), Node.TYPE).isInternal();
  }

  private long removeLastLeaf(long start) throws IOException {
    long root = start;
    Leaf leaf = new BTree(transaction, valueBytes, "mapping").leaf(root, -1);
    Node node = leaf.node();
    for (int i = node == null ? -1 : node.entryCount() - 1; i >= 0 && node != null; i--) {
      root = remove(root, node.key(i));
    }
    return root;
  }
}
