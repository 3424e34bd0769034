package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One extended attribute, as an inode or a block of attributes describes it.
 *
 * @param nameIndex stands for the start of its name; see {@link XattrNames}
 * @param name the rest of its name, each char one byte
 * @param valueOffset where the value lies in the bytes that the entry came from
 * @param valueInodeNr the inode that holds the value instead, 0 for none
 * @param valueBytes length of the value
 * @param hash of name and value
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/attributes.html">Extended
 *     attributes</a>
 */
public record XattrEntry(
    int nameIndex, String name, int valueOffset, long valueInodeNr, int valueBytes, int hash) {
  private static final Layout LAYOUT = Layout.littleEndian("ext4 xattr entry");
  private static final Layout.U8 NAME_LEN = LAYOUT.u8("e_name_len", 0);
  private static final Layout.U8 NAME_INDEX = LAYOUT.u8("e_name_index", 1);
  private static final Layout.U16 VALUE_OFFS = LAYOUT.u16("e_value_offs", 2);
  private static final Layout.U32 VALUE_INUM = LAYOUT.u32("e_value_inum", 4);
  private static final Layout.U32 VALUE_SIZE = LAYOUT.u32("e_value_size", 8);
  private static final Layout.U32 HASH = LAYOUT.u32("e_hash", 12);
  private static final int ENTRY_BYTES = LAYOUT.size(16);

  private static final Layout HEADER = Layout.littleEndian("ext4 xattr block header");
  private static final Layout.U32 MAGIC = HEADER.u32("h_magic", 0);

  private static final Layout.U32 REFCOUNT = HEADER.u32("h_refcount", 4);
  private static final Layout.U32 BLOCKS = HEADER.u32("h_blocks", 8);
  private static final Layout.U32 BLOCK_HASH = HEADER.u32("h_hash", 12);
  private static final Layout.U32 CHECKSUM = HEADER.u32("h_checksum", 16);

  static {
    HEADER.unused("h_reserved", 20, 12);
  }

  static final int HEADER_BYTES = HEADER.size(32);

  private static final int MAGIC_VALUE = 0xea02_0000;
  private static final int CHECKSUM_OFFSET = 16;
  private static final int ALIGNMENT = 4;

  /** Length of the longest value that there can be. */
  public static final int MAX_VALUE_BYTES = 1 << 24;

  /** Verifies the header and the checksum of a block of attributes. */
  public static void verifyBlock(ByteBuffer bytes, Checksums checksums, Site site)
      throws CorruptException {
    if (MAGIC.bits(bytes, 0) != MAGIC_VALUE) {
      throw site.damage("h_magic", "0xea020000", String.format("0x%08x", MAGIC.bits(bytes, 0)));
    }
    if (BLOCKS.get(bytes, 0) != 1) {
      throw site.damage("h_blocks", 1, BLOCKS.get(bytes, 0));
    }
    checksums.verifyXattrBlock(bytes, CHECKSUM_OFFSET, CHECKSUM.bits(bytes, 0), site);
  }

  /** How many inodes use a block of attributes. */
  public static long referenceCount(ByteBuffer block) {
    return REFCOUNT.get(block, 0);
  }

  /** Sets how many inodes use a block of attributes. */
  public static void setReferenceCount(ByteBuffer block, long count) {
    REFCOUNT.put(block, 0, count);
  }

  /** The hash of all attributes of a block, 0 where it is not to be shared. */
  public static int blockHash(ByteBuffer block) {
    return BLOCK_HASH.bits(block, 0);
  }

  /** Starts a block of attributes with one user. */
  static void putHeader(ByteBuffer block, int hash) {
    MAGIC.put(block, 0, MAGIC_VALUE);
    REFCOUNT.put(block, 0, 1);
    BLOCKS.put(block, 0, 1);
    BLOCK_HASH.put(block, 0, hash);
  }

  /** Puts the checksum into a block of attributes. */
  public static void sealBlock(ByteBuffer block, Checksums checksums, long blockNr) {
    if (checksums.isOn()) {
      CHECKSUM.put(block, 0, checksums.ofXattrBlock(block, CHECKSUM_OFFSET, blockNr));
    }
  }

  /** Marks the place behind an inode's fields as one of attributes. */
  static void putMagic(ByteBuffer inode, int at) {
    MAGIC.put(inode, at, MAGIC_VALUE);
  }

  /** What an entry takes, without its value. */
  static int byteCount(int nameBytes) {
    return (ENTRY_BYTES + nameBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Writes an entry; {@code offset} is its value's, as stored. */
  static void put(ByteBuffer bytes, int at, StoredXattr attribute, int offset, int hash) {
    byte[] name = attribute.nameBytes();
    NAME_LEN.put(bytes, at, name.length);
    NAME_INDEX.put(bytes, at, attribute.nameIndex());
    VALUE_OFFS.put(bytes, at, offset);
    VALUE_INUM.put(bytes, at, attribute.valueInodeNr());
    VALUE_SIZE.put(bytes, at, attribute.valueBytes());
    HASH.put(bytes, at, hash);
    bytes.put(at + ENTRY_BYTES, name);
  }

  /** The attributes of a block. */
  public static List<XattrEntry> inBlock(ByteBuffer bytes, Site site) throws CorruptException {
    return parse(bytes, HEADER_BYTES, 0, site);
  }

  /** The attributes in the inode itself: behind its last field, where that is marked. */
  public static List<XattrEntry> inInode(RawInode inode, int extraBytes, Site site)
      throws CorruptException {
    int start = RawInode.GOOD_OLD_BYTES + extraBytes;
    ByteBuffer bytes = inode.bytes();
    boolean isThere =
        inode.byteCount() > RawInode.GOOD_OLD_BYTES
            && start + Integer.BYTES <= inode.byteCount()
            && MAGIC.bits(bytes, start) == MAGIC_VALUE;
    int first = start + Integer.BYTES;
    return isThere ? parse(bytes, first, first, site) : List.of();
  }

  private static List<XattrEntry> parse(ByteBuffer bytes, int from, int valueBase, Site site)
      throws CorruptException {
    List<XattrEntry> entries = new ArrayList<>();
    int end = bytes.limit();
    int at = from;
    while (true) {
      if (at + Integer.BYTES > end) {
        throw site.damage("xattr entries", "an end mark within " + end + " bytes", "none");
      }
      if (bytes.getInt(at) == 0) {
        break;
      }
      int nameBytes = NAME_LEN.get(bytes, at);
      int next = at + byteCount(nameBytes);
      if (next + Integer.BYTES > end) {
        throw site.damage(
            "e_name_len of the entry at " + at, "within " + end + " bytes", nameBytes);
      }
      entries.add(parseOne(bytes, at, valueBase, site));
      at = next;
    }
    checkOverlap(entries, at + Integer.BYTES, site);
    return entries;
  }

  private static XattrEntry parseOne(ByteBuffer bytes, int at, int valueBase, Site site)
      throws CorruptException {
    byte[] nameBytes = new byte[NAME_LEN.get(bytes, at)];
    bytes.get(at + ENTRY_BYTES, nameBytes);
    String name = new String(nameBytes, StandardCharsets.ISO_8859_1);
    if (name.indexOf('\0') >= 0) {
      throw site.damage("e_name of the entry at " + at, "no zero byte", "one");
    }
    long valueBytes = VALUE_SIZE.get(bytes, at);
    if (valueBytes > MAX_VALUE_BYTES) {
      throw site.damage(
          "e_value_size of the entry at " + at, "at most " + MAX_VALUE_BYTES, valueBytes);
    }
    long valueInodeNr = VALUE_INUM.get(bytes, at);
    int offset = VALUE_OFFS.get(bytes, at) + valueBase;
    if (valueInodeNr == 0 && valueBytes > 0 && valueBytes > bytes.limit() - offset) {
      throw site.damage(
          "e_value_offs of the entry at " + at, "a value within the " + bytes.limit(), offset);
    }
    return new XattrEntry(
        NAME_INDEX.get(bytes, at),
        name,
        offset,
        valueInodeNr,
        (int) valueBytes,
        HASH.bits(bytes, at));
  }

  private static void checkOverlap(List<XattrEntry> entries, int end, Site site)
      throws CorruptException {
    for (XattrEntry entry : entries) {
      if (entry.valueInodeNr == 0 && entry.valueBytes > 0 && entry.valueOffset < end) {
        throw site.damage("e_value_offs", "behind the entries, at least " + end, entry.valueOffset);
      }
    }
  }

  /**
   * A copy of its value, which must not lie in an inode of its own; where that is empty, its offset
   * means nothing.
   *
   * @param bytes what the entry came from
   */
  public byte[] value(ByteBuffer bytes) {
    byte[] value = new byte[valueBytes];
    if (valueBytes > 0) {
      bytes.get(valueOffset, value);
    }
    return value;
  }

  /**
   * Whether its hash fits a value that lies in another inode.
   *
   * @param valueHash the hash of that value
   */
  public boolean hashFits(int valueHash) {
    return hash == hashOf(valueHash, false) || hash == hashOf(valueHash, true);
  }

  private int hashOf(int valueHash, boolean signed) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return XattrHash.withWord(XattrHash.ofName(bytes, signed), valueHash);
  }
}
