package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A node of an indexed directory's hash tree: the root in the directory's first block, behind the
 * entries {@code .} and {@code ..}, the others each in a block of their own that looks empty.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/directory.html">Hash tree
 *     directories</a>
 */
public final class HashTreeNode {
  private static final Layout ROOT = Layout.littleEndian("ext4 htree root");

  static {
    ROOT.unused("dot, dotdot", 0x0, 24);
  }

  private static final Layout.U32 RESERVED_ZERO = ROOT.u32("reserved_zero", 0x18);
  private static final Layout.U8 HASH_VERSION = ROOT.u8("hash_version", 0x1c);
  private static final Layout.U8 INFO_LENGTH = ROOT.u8("info_length", 0x1d);
  private static final Layout.U8 INDIRECT_LEVELS = ROOT.u8("indirect_levels", 0x1e);
  private static final Layout.U8 UNUSED_FLAGS = ROOT.u8("unused_flags", 0x1f);
  private static final int ROOT_BYTES = ROOT.size(32);

  private static final Layout ENTRY = Layout.littleEndian("ext4 htree entry");
  private static final Layout.U32 HASH = ENTRY.u32("hash", 0);
  private static final Layout.U32 BLOCK = ENTRY.u32("block", 4);
  private static final int ENTRY_BYTES = ENTRY.size(8);

  /** The first entry's hash is always 0: these two stand in its place. */
  private static final Layout COUNT_LIMIT = Layout.littleEndian("ext4 htree count and limit");

  private static final Layout.U16 LIMIT = COUNT_LIMIT.u16("limit", 0);
  private static final Layout.U16 COUNT = COUNT_LIMIT.u16("count", 2);

  private static final Layout TAIL = Layout.littleEndian("ext4 htree tail");
  private static final Layout.U32 TAIL_RESERVED = TAIL.u32("dt_reserved", 0);
  private static final Layout.U32 TAIL_CHECKSUM = TAIL.u32("dt_checksum", 4);
  private static final int TAIL_BYTES = TAIL.size(8);

  private static final int NODE_OFFSET = 8;
  private static final int ROOT_INFO_BYTES = 8;
  private static final int DOT_RECORD_BYTES = 12;
  private static final int BLOCK_MASK = 0x0fff_ffff;

  private final ByteBuffer bytes;
  private final int base;

  /**
   * Makes the first block of a directory the root of a tree of one child; what lies behind the
   * entries of the directory and its parent is lost.
   *
   * @param hashVersion what names are hashed with
   * @param withChecksum whether it gets one
   */
  public static HashTreeNode startRoot(
      ByteBuffer bytes, int hashVersion, boolean withChecksum, long childFileBlockNr) {
    int parentAt = DirectoryEntries.recordBytes(bytes, 0);
    DirectoryEntries.putRecordBytes(bytes, parentAt, bytes.limit() - parentAt);
    bytes.put(ROOT_BYTES - ROOT_INFO_BYTES, new byte[bytes.limit() - ROOT_BYTES + ROOT_INFO_BYTES]);
    HASH_VERSION.put(bytes, 0, hashVersion);
    INFO_LENGTH.put(bytes, 0, ROOT_INFO_BYTES);
    HashTreeNode root = root(bytes);
    root.start(withChecksum);
    root.setCount(1);
    root.setFileBlockNr(0, childFileBlockNr);
    return root;
  }

  /** Makes a block of zeroes a node without children, which is to get some. */
  public static HashTreeNode startInBlock(ByteBuffer bytes, boolean withChecksum) {
    DirectoryEntries.putRecordBytes(bytes, 0, bytes.limit());
    HashTreeNode node = inBlock(bytes);
    node.start(withChecksum);
    return node;
  }

  private void start(boolean withChecksum) {
    LIMIT.put(bytes, base, room(withChecksum));
  }

  private int room(boolean withChecksum) {
    return (bytes.limit() - base - (withChecksum ? TAIL_BYTES : 0)) / ENTRY_BYTES;
  }

  private HashTreeNode(ByteBuffer bytes, int base) {
    this.bytes = bytes;
    this.base = base;
  }

  /** The root, in the first block of a directory. */
  public static HashTreeNode root(ByteBuffer bytes) {
    return new HashTreeNode(bytes, ROOT_BYTES);
  }

  /** A node that fills a block. */
  public static HashTreeNode inBlock(ByteBuffer bytes) {
    return new HashTreeNode(bytes, NODE_OFFSET);
  }

  /**
   * Verifies the checksum of whichever node a block holds.
   *
   * @throws CorruptException when it is wrong, or the block is no node
   */
  public static void verify(ByteBuffer bytes, Checksums checksums, int inodeSeed, Site site)
      throws CorruptException {
    if (!checksums.isOn()) {
      return;
    }
    HashTreeNode node = guess(bytes);
    if (node == null) {
      throw site.damage("htree node", "a root or an inner node", "neither");
    }
    int tail = node.base + node.limit() * ENTRY_BYTES;
    if (tail > bytes.limit() - TAIL_BYTES || node.count() > node.limit()) {
      throw site.damage("htree limit", "room for a checksum", node.limit());
    }
    int crc = node.checksum(inodeSeed, tail);
    int stored = TAIL_CHECKSUM.bits(bytes, tail);
    if (crc != stored) {
      throw site.badChecksum(crc, stored);
    }
  }

  /** Puts the checksum into whichever node a block holds. */
  public static void seal(ByteBuffer bytes, Checksums checksums, int inodeSeed) {
    HashTreeNode node = checksums.isOn() ? guess(bytes) : null;
    if (node != null) {
      int tail = node.base + node.limit() * ENTRY_BYTES;
      TAIL_CHECKSUM.put(bytes, tail, node.checksum(inodeSeed, tail));
    }
  }

  private int checksum(int inodeSeed, int tail) {
    int crc = Crc32c.of(inodeSeed, bytes, 0, base + count() * ENTRY_BYTES);
    crc = Crc32c.ofLittleEndian(crc, TAIL_RESERVED.bits(bytes, tail));
    return Crc32c.ofLittleEndian(crc, 0);
  }

  private static @Nullable HashTreeNode guess(ByteBuffer bytes) {
    int recordBytes = DirectoryEntries.recordBytes(bytes, 0);
    if (recordBytes == bytes.limit()) {
      return inBlock(bytes);
    }
    boolean isRoot =
        recordBytes == DOT_RECORD_BYTES
            && DirectoryEntries.recordBytes(bytes, DOT_RECORD_BYTES)
                == bytes.limit() - DOT_RECORD_BYTES
            && RESERVED_ZERO.bits(bytes, 0) == 0
            && INFO_LENGTH.get(bytes, 0) == ROOT_INFO_BYTES;
    return isRoot ? root(bytes) : null;
  }

  /**
   * Checks what the root says of the whole tree.
   *
   * @param maxLevels how many levels there can be below the root
   */
  public void checkRoot(int maxLevels, Site site) throws CorruptException {
    if (RESERVED_ZERO.bits(bytes, 0) != 0) {
      throw site.damage("reserved_zero", 0, RESERVED_ZERO.get(bytes, 0));
    }
    if (INFO_LENGTH.get(bytes, 0) != ROOT_INFO_BYTES) {
      throw site.damage("info_length", ROOT_INFO_BYTES, INFO_LENGTH.get(bytes, 0));
    }
    if ((UNUSED_FLAGS.get(bytes, 0) & 1) != 0) {
      throw site.damage("unused_flags", 0, UNUSED_FLAGS.get(bytes, 0));
    }
    if (levels() > maxLevels) {
      throw site.damage("indirect_levels", "at most " + maxLevels, levels());
    }
  }

  /** Checks the node's own numbers. */
  public void check(boolean withChecksum, Site site) throws CorruptException {
    int room = room(withChecksum);
    if (limit() != room) {
      throw site.damage("limit", room, limit());
    }
    if (count() == 0 || count() > room) {
      throw site.damage("count", "1 to " + room, count());
    }
  }

  /** The version of the hash, as the root gives it. */
  public int hashVersion() {
    return HASH_VERSION.get(bytes, 0);
  }

  /** Levels between the root and the blocks of entries. */
  public int levels() {
    return INDIRECT_LEVELS.get(bytes, 0);
  }

  private int limit() {
    return LIMIT.get(bytes, base);
  }

  /** How many children it has. */
  public int count() {
    return COUNT.get(bytes, base);
  }

  /**
   * The lowest hash of a child's entries; an odd one says that its hash began in the child before.
   */
  public int hash(int index) {
    return index == 0 ? 0 : HASH.bits(bytes, base + index * ENTRY_BYTES);
  }

  /** The block of the directory where a child lies. */
  public long fileBlockNr(int index) {
    return BLOCK.bits(bytes, base + index * ENTRY_BYTES) & BLOCK_MASK;
  }

  /** The child where entries of a hash start. */
  public int find(int hash) {
    int low = 1;
    int high = count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Integer.compareUnsigned(hash(middle), hash) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  /** Whether there is no room for one more child. */
  public boolean isFull() {
    return count() >= limit();
  }

  /**
   * Puts a child in behind another.
   *
   * @param index the other's; there is room
   * @param hash the lowest of the new child's entries, odd where it began in the child before
   */
  public void insertAfter(int index, int hash, long fileBlockNr) {
    int at = base + (index + 1) * ENTRY_BYTES;
    int behind = base + count() * ENTRY_BYTES;
    move(at, at + ENTRY_BYTES, behind - at);
    HASH.put(bytes, at, hash);
    BLOCK.put(bytes, at, fileBlockNr);
    setCount(count() + 1);
  }

  private void move(int from, int to, int byteCount) {
    byte[] moved = new byte[byteCount];
    bytes.get(from, moved);
    bytes.put(to, moved);
  }

  /**
   * Moves the upper half of its children into a node that has none.
   *
   * @return the lowest hash there
   */
  public int splitInto(HashTreeNode upper) {
    int kept = count() / 2;
    int hash = hash(kept);
    moveChildren(kept, upper);
    return hash;
  }

  /**
   * Makes the root's only child a node that has none yet, which takes all of the root's children:
   * the tree has one level more.
   */
  public void deepenInto(HashTreeNode child, long childFileBlockNr) {
    moveChildren(0, child);
    setCount(1);
    setFileBlockNr(0, childFileBlockNr);
    INDIRECT_LEVELS.put(bytes, 0, levels() + 1);
  }

  /** The first one's hash is not moved: there the other node has its limit and its count. */
  private void moveChildren(int from, HashTreeNode to) {
    int moved = count() - from;
    int start = base + from * ENTRY_BYTES;
    to.bytes.put(
        to.base + Integer.BYTES, bytes, start + Integer.BYTES, moved * ENTRY_BYTES - Integer.BYTES);
    to.setCount(moved);
    setCount(from);
  }

  private void setCount(int count) {
    COUNT.put(bytes, base, count);
  }

  private void setFileBlockNr(int index, long fileBlockNr) {
    BLOCK.put(bytes, base + index * ENTRY_BYTES, fileBlockNr);
  }
}
