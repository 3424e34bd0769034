package io.lamina.persist.btree;

import io.lamina.persist.BlockManager;
import io.lamina.persist.Shadow;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A node of this transaction, while it is being changed. */
final class MutableNode {
  private static final int CHILD_BYTES = Long.BYTES;

  final long blockNr;
  private final ByteBuffer bytes;
  private final int maxEntries;
  private final int valueBytes;

  MutableNode(Shadow shadow) {
    this.blockNr = shadow.blockNr();
    this.bytes = shadow.bytes().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    this.maxEntries = Node.MAX_ENTRIES.bits(bytes, 0);
    this.valueBytes = Node.VALUE_BYTES.bits(bytes, 0);
  }

  /** Makes an empty node of a new block. */
  static MutableNode format(Shadow shadow, boolean internal, int valueBytes) {
    int size = internal ? CHILD_BYTES : valueBytes;
    Node.FLAGS.put(shadow.bytes(), 0, internal ? Node.FLAG_INTERNAL : Node.FLAG_LEAF);
    Node.MAX_ENTRIES.put(shadow.bytes(), 0, maxEntries(size));
    Node.VALUE_BYTES.put(shadow.bytes(), 0, size);
    return new MutableNode(shadow);
  }

  /** What fits into a block, as a multiple of three: a third is the least that a node holds. */
  static int maxEntries(int valueBytes) {
    int fits = (BlockManager.BLOCK_BYTES - Node.HEADER_BYTES) / (Long.BYTES + valueBytes);
    return fits - fits % 3;
  }

  ByteBuffer bytes() {
    return bytes;
  }

  boolean isInternal() {
    return Node.FLAGS.bits(bytes, 0) == Node.FLAG_INTERNAL;
  }

  int count() {
    return Node.ENTRY_COUNT.bits(bytes, 0);
  }

  private void setCount(int count) {
    Node.ENTRY_COUNT.put(bytes, 0, count);
  }

  boolean isFull() {
    return count() == maxEntries;
  }

  int maxEntries() {
    return maxEntries;
  }

  int minEntries() {
    return maxEntries / 3;
  }

  long key(int index) {
    return bytes.getLong(keyOffset(index));
  }

  void setKey(int index, long key) {
    bytes.putLong(keyOffset(index), key);
  }

  long child(int index) {
    return bytes.getLong(valueOffset(index));
  }

  void setChild(int index, long blockNr) {
    bytes.putLong(valueOffset(index), blockNr);
  }

  private static int keyOffset(int index) {
    return Node.HEADER_BYTES + index * Long.BYTES;
  }

  int valueOffset(int index) {
    return Node.HEADER_BYTES + maxEntries * Long.BYTES + index * valueBytes;
  }

  /** The index of the last key at or below {@code key}; -1 where all are above. */
  int floorIndex(long key) {
    int low = 0;
    int high = count() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(key(middle), key) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }

  /** Makes room at an index; the value is whatever was there. */
  void insertKey(int index, long key) {
    int count = count();
    copy(this, index, this, index + 1, count - index);
    setKey(index, key);
    setCount(count + 1);
  }

  void insertChild(int index, long key, long blockNr) {
    insertKey(index, key);
    setChild(index, blockNr);
  }

  /** Takes entries out, {@code to} not included. */
  void delete(int from, int to) {
    int count = count();
    copy(this, to, this, from, count - to);
    setCount(count - (to - from));
  }

  /** Moves the last entries to the front of the right neighbour. */
  void moveTailTo(MutableNode right, int moved) {
    int rightCount = right.count();
    copy(right, 0, right, moved, rightCount);
    copy(this, count() - moved, right, 0, moved);
    right.setCount(rightCount + moved);
    setCount(count() - moved);
  }

  /** Moves the first entries of the right neighbour to the end of this one. */
  void takeHeadOf(MutableNode right, int moved) {
    copy(right, 0, this, count(), moved);
    setCount(count() + moved);
    copy(right, moved, right, 0, right.count() - moved);
    right.setCount(right.count() - moved);
  }

  private static void copy(MutableNode from, int fromIndex, MutableNode to, int toIndex, int n) {
    to.bytes.put(keyOffset(toIndex), from.bytes, keyOffset(fromIndex), n * Long.BYTES);
    to.bytes.put(
        to.valueOffset(toIndex), from.bytes, from.valueOffset(fromIndex), n * to.valueBytes);
  }
}
