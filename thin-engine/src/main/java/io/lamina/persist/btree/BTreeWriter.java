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
  private long addedCount;
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
    return insert(root, key, 1, (bytes, offset, index) -> bytes.put(offset, value));
  }

  /** The values of neighbouring keys. */
  public interface Values {
    /** Writes the value of the key that is {@code index} above the first. */
    void put(ByteBuffer bytes, int offset, int index);
  }

  /**
   * Puts in the values of {@code count} neighbouring keys, as {@link #insert(long, long, byte[])}
   * does: one way down for all that one leaf takes.
   *
   * @return the new root
   */
  public long insert(long root, long firstKey, int count, Values values) throws IOException {
    long newRoot = root;
    int done = 0;
    while (done < count) {
      int before = done;
      Values rest = (bytes, offset, index) -> values.put(bytes, offset, before + index);
      MutableNode top = rootWithRoom(newRoot, firstKey + done);
      newRoot = top.blockNr;
      done += insertInto(top, firstKey + done, count - done, rest, true);
    }
    return newRoot;
  }

  /**
   * Puts a value in; what an old value referred to lives on in the new one, and is not counted.
   *
   * @return the new root
   */
  public long update(long root, long key, byte[] value) throws IOException {
    MutableNode top = rootWithRoom(root, key);
    int unused = insertInto(top, key, 1, (bytes, offset, index) -> bytes.put(offset, value), false);
    return top.blockNr;
  }

  private MutableNode rootWithRoom(long root, long key) throws IOException {
    MutableNode node = shadow(root);
    return node.isFull() && needsRoom(node, key) ? growRoot(node) : node;
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

  /**
   * Goes down; every node on the way has room for one more entry.
   *
   * @return how many of the neighbouring keys were put in, at least one
   */
  private int insertInto(MutableNode start, long key, int count, Values values, boolean dropOld)
      throws IOException {
    MutableNode node = start;
    long lastKey = -1; // the highest that belongs below the node
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
        if (Long.compareUnsigned(key, right.key(0)) >= 0) {
          child = right;
          index++;
        }
      }
      lastKey = index + 1 < node.count() ? node.key(index + 1) - 1 : lastKey;
      node = child;
    }
    int done = 0;
    do {
      putInto(node, key + done, values, done, dropOld);
      done++;
    } while (done < count
        && Long.compareUnsigned(key + done, lastKey) <= 0
        && !(node.isFull() && needsRoom(node, key + done)));
    return done;
  }

  private void putInto(MutableNode leaf, long key, Values values, int index, boolean dropOld)
      throws IOException {
    int at = leaf.floorIndex(key);
    if (at >= 0 && leaf.key(at) == key) {
      if (dropOld) {
        references.decrement(leaf.bytes(), leaf.valueOffset(at));
      }
    } else {
      at++;
      leaf.insertKey(at, key);
      addedCount++;
    }
    values.put(leaf.bytes(), leaf.valueOffset(at), index);
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
    return remove(root, key, key);
  }

  /**
   * Takes the keys of one leaf out, as far as they lie within a range: the leaf that has the say
   * about its first key.
   *
   * @param lastKey the end of the range, itself included
   * @return the new root
   */
  public long remove(long root, long firstKey, long lastKey) throws IOException {
    MutableNode node = shadow(root);
    removeFrom(node, firstKey, lastKey);
    return collapse(node);
  }

  /** How many keys came into their tree, less those that left it, since this was last asked. */
  public long takeGrowth() {
    long growth = addedCount - droppedCount;
    addedCount = 0;
    droppedCount = 0;
    return growth;
  }

  private void free(MutableNode node) throws IOException {
    transaction.space().decrement(node.blockNr);
    transaction.forget(node.blockNr);
  }

  private void removeFrom(MutableNode node, long firstKey, long lastKey) throws IOException {
    if (!node.isInternal()) {
      int from = node.floorIndex(firstKey);
      from = from >= 0 && node.key(from) == firstKey ? from : from + 1;
      drop(node, from, node.floorIndex(lastKey) + 1);
      return;
    }
    int index = Math.max(0, node.floorIndex(firstKey));
    MutableNode child = shadow(node.child(index));
    node.setChild(index, child.blockNr);
    removeFrom(child, firstKey, lastKey); // as deep as the tree, which was checked on the way
    balance(node, index, child);
  }

  private void drop(MutableNode leaf, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      references.decrement(leaf.bytes(), leaf.valueOffset(i));
    }
    if (from < to) {
      droppedCount += to - from;
      leaf.delete(from, to);
    }
  }

  private void balance(MutableNode parent, int index, MutableNode child) throws IOException {
    if (child.count() < child.minEntries() && parent.count() > 1) {
      rebalance(parent, index, child);
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
      parent.delete(leftIndex + 1, leftIndex + 2);
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
      releaseLastReference(transaction.readOnce(blockNr, Node.TYPE), depth);
    } else {
      transaction.space().decrement(blockNr);
    }
  }

  private void releaseLastReference(Node node, int depth) throws IOException {
    for (int i = 0; i < node.entryCount(); i++) {
      if (node.isInternal()) {
        release(node.longValue(i), depth + 1);
      } else {
        references.decrement(node.bytes(), node.valueOffset(i));
      }
    }
    transaction.forget(node.blockNr());
    transaction.space().decrement(node.blockNr());
  }

  /**
   * Drops the end of a tree that is about to go: its last leaf, or, where others hold it too, the
   * last leaf or node above leaves. Bounded work, and a sound tree afterwards.
   *
   * @return the new root; an empty leaf when all is gone
   */
  public long releaseLast(long root) throws IOException {
    if (transaction.space().count(root) > 1) {
      throw new IllegalArgumentException("the root at block " + root + " is shared");
    }
    MutableNode node = shadow(root);
    if (!node.isInternal()) {
      drop(node, 0, node.count());
      return node.blockNr;
    }
    releaseLast(node, 0);
    if (node.count() == 0) {
      free(node);
      return create();
    }
    return collapse(node);
  }

  private void releaseLast(MutableNode node, int depth) throws IOException {
    int index = node.count() - 1;
    long lastNr = node.child(index);
    Node last = transaction.readOnce(lastNr, Node.TYPE);
    boolean isShared = transaction.space().count(lastNr) > 1;
    if (!last.isInternal() || depth == BTree.MAX_DEPTH || (isShared && isAboveLeaves(last))) {
      droppedCount += valueCount(last);
      if (isShared) {
        transaction.space().decrement(lastNr);
      } else {
        releaseLastReference(last, depth);
      }
      node.delete(index, index + 1);
      return;
    }
    MutableNode child = shadow(lastNr);
    node.setChild(index, child.blockNr);
    releaseLast(child, depth + 1);
    if (child.count() == 0) {
      free(child);
      node.delete(index, index + 1);
    } else {
      balance(node, index, child);
    }
  }

  private boolean isAboveLeaves(Node node) throws IOException {
    return !transaction.read(node.longValue(0), Node.TYPE).isInternal();
  }

  /** Of a leaf, or a node above leaves. */
  private long valueCount(Node node) throws IOException {
    if (!node.isInternal()) {
      return node.entryCount();
    }
    long count = 0;
    for (int i = 0; i < node.entryCount(); i++) {
      count += transaction.read(node.longValue(i), Node.TYPE).entryCount();
    }
    return count;
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
}
