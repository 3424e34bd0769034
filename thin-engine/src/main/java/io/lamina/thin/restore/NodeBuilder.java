package io.lamina.thin.restore;

import io.lamina.persist.BlockManager;
import io.lamina.persist.btree.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A B-tree node in the making. */
final class NodeBuilder {
  private static final int HEADER_BYTES = 32;
  private static final int FLAGS_AT = 4;
  private static final int ENTRY_COUNT_AT = 16;
  private static final int MAX_ENTRIES_AT = 20;
  private static final int VALUE_BYTES_AT = 24;
  private static final int FLAG_INTERNAL = 1;
  private static final int FLAG_LEAF = 2;

  private final boolean isLeaf;
  private final int valueBytes;
  private final int maxEntries;
  private final ByteBuffer bytes =
      ByteBuffer.allocate(BlockManager.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private int count;

  NodeBuilder(boolean isLeaf, int valueBytes) {
    this.isLeaf = isLeaf;
    this.valueBytes = valueBytes;
    int fits = (BlockManager.BLOCK_BYTES - HEADER_BYTES) / (Long.BYTES + valueBytes);
    this.maxEntries = fits - fits % 3; // as the kernel does, so that a third is a whole number
  }

  int count() {
    return count;
  }

  boolean isFull() {
    return count == maxEntries;
  }

  /** Whether the kernel would take it for too empty, were it no root. */
  boolean isSparse() {
    return count < maxEntries / 3;
  }

  long firstKey() {
    return key(0);
  }

  private long key(int index) {
    return bytes.getLong(keyAt(index));
  }

  private static int keyAt(int index) {
    return HEADER_BYTES + index * Long.BYTES;
  }

  private int valueAt(int index) {
    return HEADER_BYTES + maxEntries * Long.BYTES + index * valueBytes;
  }

  /** Adds a key above all others, and returns where to write its value in {@link #bytes}. */
  int add(long key) {
    bytes.putLong(keyAt(count), key);
    return valueAt(count++);
  }

  ByteBuffer bytes() {
    return bytes;
  }

  /** Takes entries from the end of its left neighbour, until both hold as much. */
  void balance(NodeBuilder left) {
    int moved = (left.count - count) / 2;
    bytes.put(keyAt(moved), bytes.array().clone(), keyAt(0), count * Long.BYTES);
    bytes.put(valueAt(moved), bytes.array().clone(), valueAt(0), count * valueBytes);
    left.count -= moved;
    bytes.put(keyAt(0), left.bytes.array(), keyAt(left.count), moved * Long.BYTES);
    bytes.put(valueAt(0), left.bytes.array(), valueAt(left.count), moved * valueBytes);
    count += moved;
  }

  /** Writes the node, and empties it. */
  long write(BlockAppender out) throws IOException {
    int keysEnd = keyAt(count);
    zero(keysEnd, keyAt(maxEntries));
    zero(valueAt(count), BlockManager.BLOCK_BYTES);
    bytes.putInt(FLAGS_AT, isLeaf ? FLAG_LEAF : FLAG_INTERNAL);
    bytes.putInt(ENTRY_COUNT_AT, count);
    bytes.putInt(MAX_ENTRIES_AT, maxEntries);
    bytes.putInt(VALUE_BYTES_AT, valueBytes);
    count = 0;
    return out.append(bytes, Node.TYPE);
  }

  private void zero(int from, int to) {
    java.util.Arrays.fill(bytes.array(), from, to, (byte) 0);
  }
}
