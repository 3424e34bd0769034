package io.lamina.persist.btree;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U64;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import java.nio.ByteBuffer;

/**
 * A node: ascending keys, and for each a value (in a leaf) or the block number of a child (in an
 * internal node). Keys are unsigned. Never changed once decoded.
 *
 * @see <a href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/drivers/md/
 *     persistent-data/dm-btree-internal.h">struct node_header</a>
 */
public final class Node {
  private static final Layout HEADER = Layout.littleEndian("node_header");

  static {
    HEADER.unused("csum", 0, 4);
  }

  static final U32 FLAGS = HEADER.u32("flags", 4);

  static {
    HEADER.unused("blocknr", 8, 8);
  }

  static final U32 ENTRY_COUNT = HEADER.u32("nr_entries", 16);
  static final U32 MAX_ENTRIES = HEADER.u32("max_entries", 20);
  static final U32 VALUE_BYTES = HEADER.u32("value_size", 24);

  static {
    HEADER.unused("padding", 28, 4);
  }

  static final int HEADER_BYTES = HEADER.size(32);
  static final int FLAG_INTERNAL = 1;
  static final int FLAG_LEAF = 2;

  private static final String STRUCTURE = "btree node";
  private static final U64 KEY = Layout.littleEndian("key").u64("key", 0);
  private static final U64 WORD = Layout.littleEndian("value").u64("value", 0);
  private static final U32 HALF_WORD = Layout.littleEndian("value").u32("value", 0);

  /** Nodes, as the block cache knows them. */
  public static final BlockType<Node> TYPE =
      new BlockType<>() {
        @Override
        public String structure() {
          return STRUCTURE;
        }

        @Override
        public int checksumSalt() {
          return 121107;
        }

        @Override
        public Node decode(long blockNr, ByteBuffer bytes) throws CorruptException {
          return new Node(blockNr, bytes).checked();
        }

        @Override
        public Node decodeOwn(long blockNr, ByteBuffer bytes) {
          return new Node(blockNr, bytes);
        }

        @Override
        public boolean isPassedBy(Node node) {
          return node.isInternal();
        }
      };

  private final long blockNr;
  private final ByteBuffer bytes;
  private final int flags;
  private final int entryCount;
  private final int maxEntries;
  private final int valueBytes;

  private Node(long blockNr, ByteBuffer bytes) {
    this.blockNr = blockNr;
    this.bytes = bytes;
    this.flags = FLAGS.bits(bytes, 0);
    this.entryCount = ENTRY_COUNT.bits(bytes, 0);
    this.maxEntries = MAX_ENTRIES.bits(bytes, 0);
    this.valueBytes = VALUE_BYTES.bits(bytes, 0);
  }

  private Node checked() throws CorruptException {
    if (flags != FLAG_INTERNAL && flags != FLAG_LEAF) {
      throw damaged("flags", "1 (internal) or 2 (leaf)", Integer.toUnsignedString(flags));
    }
    if (valueBytes <= 0 || valueBytes > 128 || valueBytes % Integer.BYTES != 0) {
      throw damaged(
          "value_size", "a multiple of 4 up to 128", Integer.toUnsignedString(valueBytes));
    }
    int fits = (BlockManager.BLOCK_BYTES - HEADER_BYTES) / (Long.BYTES + valueBytes);
    if (maxEntries <= 0 || maxEntries > fits) {
      throw damaged("max_entries", "1 to " + fits, Integer.toUnsignedString(maxEntries));
    }
    if (entryCount < 0 || entryCount > maxEntries) {
      throw damaged("nr_entries", "at most " + maxEntries, Integer.toUnsignedString(entryCount));
    }
    for (int i = 1; i < entryCount; i++) {
      if (Long.compareUnsigned(key(i - 1), key(i)) >= 0) {
        throw damaged(
            "key " + i,
            "above " + Long.toUnsignedString(key(i - 1)),
            Long.toUnsignedString(key(i)));
      }
    }
    return this;
  }

  CorruptException damaged(String field, String expected, String found) {
    return new CorruptException(new Damage(STRUCTURE, blockNr, field, expected, found));
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

  /** How many keys it says it can hold. */
  public int maxEntries() {
    return maxEntries;
  }

  /** The size of a value. */
  public int valueBytes() {
    return valueBytes;
  }

  /** One key. */
  public long key(int index) {
    return KEY.get(bytes, HEADER_BYTES + index * Long.BYTES);
  }

  /** The first eight bytes of a value: all of it in an internal node. */
  public long longValue(int index) {
    return WORD.get(bytes, valueOffset(index));
  }

  /** The first four bytes of a value, unsigned. */
  public long intValue(int index) {
    return HALF_WORD.get(bytes, valueOffset(index));
  }

  /** Where a value begins in {@link #bytes}. */
  public int valueOffset(int index) {
    return HEADER_BYTES + maxEntries * Long.BYTES + index * valueBytes;
  }

  /** The whole block; not to be written to. */
  public ByteBuffer bytes() {
    return bytes;
  }

  /** The index of the last key at or below {@code key}; -1 where all are above. */
  public int floorIndex(long key) {
    int low = 0;
    int high = entryCount - 1;
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
}
