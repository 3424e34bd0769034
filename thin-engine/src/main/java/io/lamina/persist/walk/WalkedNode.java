package io.lamina.persist.walk;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockManager;
import io.lamina.persist.btree.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A place for one B-tree node after another: the same format as {@link Node}, but a node costs no
 * object, and its keys and values are plain words.
 */
public final class WalkedNode {
  /** The longest path from a root to a leaf. */
  public static final int MAX_DEPTH = 16;

  private static final int WORDS = BlockManager.BLOCK_BYTES / Long.BYTES;
  private static final int FIRST_KEY = 4;
  private static final int FLAG_INTERNAL = 1;
  private static final int FLAG_LEAF = 2;
  private static final long LOW_32 = 0xffff_ffffL;

  private final long[] words = new long[WORDS];
  private final String tree;
  private long blockNr;
  private int flags;
  private int entryCount;
  private int maxEntries;
  private int valueBytes;
  private int firstValue;

  /**
   * An empty place.
   *
   * @param tree what to call the tree in messages: {@code device details}
   */
  public WalkedNode(String tree) {
    this.tree = tree;
  }

  /**
   * Reads and checks a node, as far as it can be told without its parent.
   *
   * @param leafValueBytes size of a value, should the node be a leaf
   * @throws CorruptException when it is none, or breaks its format
   */
  public void load(BlockScan blocks, long nodeNr, int leafValueBytes) throws IOException {
    ByteBuffer bytes = blocks.read(nodeNr, Node.TYPE);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(0, words);
    blockNr = nodeNr;
    flags = (int) (words[0] >>> Integer.SIZE);
    entryCount = (int) words[2];
    maxEntries = (int) (words[2] >>> Integer.SIZE);
    valueBytes = (int) words[3];
    if (flags != FLAG_INTERNAL && flags != FLAG_LEAF) {
      throw damaged("flags", "1 (internal) or 2 (leaf)", Integer.toUnsignedString(flags));
    }
    checkSizes(leafValueBytes);
    firstValue = FIRST_KEY + maxEntries;
    checkOrder();
  }

  private void checkSizes(int leafValueBytes) throws CorruptException {
    int expectedBytes = isInternal() ? Long.BYTES : leafValueBytes;
    if (valueBytes != expectedBytes) {
      throw damaged("value_size", "" + expectedBytes, Integer.toUnsignedString(valueBytes));
    }
    int fits = (WORDS - FIRST_KEY) * Long.BYTES / (Long.BYTES + valueBytes);
    if (maxEntries <= 0 || maxEntries > fits) {
      throw damaged("max_entries", "1 to " + fits, Integer.toUnsignedString(maxEntries));
    }
    if (entryCount < 0 || entryCount > maxEntries) {
      throw damaged("nr_entries", "at most " + maxEntries, Integer.toUnsignedString(entryCount));
    }
  }

  private void checkOrder() throws CorruptException {
    for (int i = 1; i < entryCount; i++) {
      if (words[FIRST_KEY + i - 1] + Long.MIN_VALUE >= words[FIRST_KEY + i] + Long.MIN_VALUE) {
        throw damaged("key " + i, "above " + unsigned(key(i - 1)), unsigned(key(i)));
      }
    }
  }

  /**
   * Checks what only its place in a tree tells.
   *
   * @param depth 0 for a root
   * @param first lowest key that its parent allows
   * @param last highest such key, itself included
   */
  public void checkPlace(int depth, long first, long last) throws CorruptException {
    if (depth >= MAX_DEPTH) {
      throw damaged("depth", "less than " + MAX_DEPTH, "" + depth);
    }
    if (entryCount == 0) {
      if (depth > 0 || isInternal()) {
        throw damaged("nr_entries", "at least 1", "0");
      }
      return;
    }
    if (Long.compareUnsigned(key(0), first) < 0) {
      throw damaged("key 0", "at least " + unsigned(first), unsigned(key(0)));
    }
    if (Long.compareUnsigned(key(entryCount - 1), last) > 0) {
      throw damaged(
          "key " + (entryCount - 1), "at most " + unsigned(last), unsigned(key(entryCount - 1)));
    }
  }

  /** Something in it that is wrong. */
  public CorruptException damaged(String field, String expected, String found) {
    return new CorruptException(new Damage(tree + " tree node", blockNr, field, expected, found));
  }

  private static String unsigned(long value) {
    return Long.toUnsignedString(value);
  }

  /** Where it lies. */
  public long blockNr() {
    return blockNr;
  }

  /** Whether its values are the block numbers of children. */
  public boolean isInternal() {
    return flags == FLAG_INTERNAL;
  }

  /** How many keys it has. */
  public int entryCount() {
    return entryCount;
  }

  /** How many keys it can hold. */
  public int maxEntries() {
    return maxEntries;
  }

  /** One key. */
  public long key(int index) {
    return words[FIRST_KEY + index];
  }

  /** The highest key that the child of this index may hold. */
  public long lastKey(int index, long last) {
    return index + 1 < entryCount ? key(index + 1) - 1 : last;
  }

  /** A value of eight bytes. */
  public long value(int index) {
    return words[firstValue + index];
  }

  /** A word of a value of several. */
  public long valueWord(int index, int word) {
    return words[firstValue + index * (valueBytes / Long.BYTES) + word];
  }

  /** A value of four bytes, unsigned. */
  public long intValue(int index) {
    long word = words[firstValue + index / 2];
    return index % 2 == 0 ? word & LOW_32 : word >>> Integer.SIZE;
  }
}
