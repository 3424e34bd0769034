package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Layout;
import java.nio.ByteBuffer;

/**
 * Steps over the entries of one directory block (or of one region of an inline directory). The
 * entries of a region join without a gap and end with it; {@link #next} throws where they do not.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/directory.html">Directory
 *     entries</a>
 */
public final class DirectoryEntries {
  private static final Layout LAYOUT = Layout.littleEndian("ext4 directory entry");
  private static final Layout.U32 INODE = LAYOUT.u32("inode", 0);
  private static final Layout.U16 REC_LEN = LAYOUT.u16("rec_len", 4);
  private static final Layout.U8 NAME_LEN = LAYOUT.u8("name_len", 6);
  private static final Layout.U8 FILE_TYPE = LAYOUT.u8("file_type", 7);

  /** Bytes of an entry before its name. */
  static final int HEADER_BYTES = LAYOUT.size(8);

  private static final Layout TAIL = Layout.littleEndian("ext4 directory tail");
  private static final Layout.U32 TAIL_ZERO = TAIL.u32("det_reserved_zero1", 0);
  private static final Layout.U16 TAIL_REC_LEN = TAIL.u16("det_rec_len", 4);
  private static final Layout.U16 TAIL_TYPE = TAIL.u16("det_reserved_zero2, det_reserved_ft", 6);
  private static final Layout.U32 TAIL_CHECKSUM = TAIL.u32("det_checksum", 8);
  private static final int TAIL_BYTES = TAIL.size(12);

  private static final int TAIL_MARK = 0xde00;
  private static final int MIN_ENTRY_BYTES = 12;
  private static final int HASH_BYTES = 8;
  private static final int ALIGNMENT = 4;
  private static final int LONGEST_PLAIN_BLOCK = 32768;

  private final ByteBuffer bytes;
  private final byte[] array;

  /** Where in the array the buffer starts. */
  private final int origin;

  private final int end;
  private final long inodeCount;
  private final int hashBytes;
  private final Site site;
  private int start;
  private int next;

  /**
   * Starts before the first entry.
   *
   * @param bytes has an array
   * @param from where the first entry starts
   * @param end where the last one ends
   * @param inodeCount the highest inode number that an entry may hold
   * @param withHash whether names are followed by their hash (casefolded and encrypted)
   */
  public DirectoryEntries(
      ByteBuffer bytes, int from, int end, long inodeCount, boolean withHash, Site site) {
    this.bytes = bytes;
    this.array = bytes.array();
    this.origin = bytes.arrayOffset();
    this.next = from;
    this.end = end;
    this.inodeCount = inodeCount;
    this.hashBytes = withHash ? HASH_BYTES : 0;
    this.site = site;
  }

  /** Verifies the checksum at the end of a directory block. */
  public static void verify(ByteBuffer bytes, Checksums checksums, int inodeSeed, Site site)
      throws CorruptException {
    if (!checksums.isOn()) {
      return;
    }
    int tail = bytes.limit() - TAIL_BYTES;
    if (TAIL_ZERO.bits(bytes, tail) != 0
        || TAIL_REC_LEN.get(bytes, tail) != TAIL_BYTES
        || TAIL_TYPE.get(bytes, tail) != TAIL_MARK) {
      throw site.damage("checksum", "a tail that holds it", "none");
    }
    checksums.verifyOwned(bytes, tail, inodeSeed, TAIL_CHECKSUM.bits(bytes, tail), site);
  }

  /** Where the entries of a block end: before its checksum, where there is one. */
  static int end(ByteBuffer bytes, boolean withTail) {
    return bytes.limit() - (withTail ? TAIL_BYTES : 0);
  }

  /** Gives a block room for its checksum: what {@link #end} leaves out. */
  public static void startTail(ByteBuffer bytes) {
    int tail = bytes.limit() - TAIL_BYTES;
    TAIL_ZERO.put(bytes, tail, 0);
    TAIL_REC_LEN.put(bytes, tail, TAIL_BYTES);
    TAIL_TYPE.put(bytes, tail, TAIL_MARK);
  }

  /** Puts the checksum into the end of a directory block. */
  public static void seal(ByteBuffer bytes, Checksums checksums, int inodeSeed) {
    if (checksums.isOn()) {
      int tail = bytes.limit() - TAIL_BYTES;
      TAIL_CHECKSUM.put(bytes, tail, checksums.ofOwned(bytes, tail, inodeSeed));
    }
  }

  /**
   * Whether a block of an indexed directory holds a node of its hash tree: it looks like one empty
   * entry from end to end.
   */
  public static boolean isIndexBlock(ByteBuffer bytes) {
    return INODE.bits(bytes, 0) == 0 && recordBytes(bytes, 0) == bytes.limit();
  }

  /**
   * Steps to the next entry.
   *
   * @return false where there is none
   * @throws CorruptException when it is not a sound entry
   */
  public boolean next() throws CorruptException {
    if (next >= end) {
      return false;
    }
    start = next;
    if (end - start < MIN_ENTRY_BYTES) {
      throw site.damage("rec_len", "entries that end with the block", "a rest of " + (end - start));
    }
    int recordBytes = recordBytes(REC_LEN.get(array, origin + start), bytes.limit());
    int nameBytes = nameBytes();
    int least = entryBytes(nameBytes + (hashBytes == 0 || isSpecial(nameBytes) ? 0 : hashBytes));
    if (recordBytes < least || recordBytes % ALIGNMENT != 0) {
      throw site.damage(
          "rec_len of the entry at " + start, "at least " + least + ", by fours", recordBytes);
    }
    if (recordBytes > end - start
        || (recordBytes != end - start && recordBytes > end - start - MIN_ENTRY_BYTES)) {
      throw site.damage(
          "rec_len of the entry at " + start, "within the " + (end - start) + " left", recordBytes);
    }
    if (inodeNr() > inodeCount) {
      throw site.damage("inode of the entry at " + start, "at most " + inodeCount, inodeNr());
    }
    next = start + recordBytes;
    return true;
  }

  private boolean isSpecial(int nameBytes) {
    int name = origin + start + HEADER_BYTES;
    return nameBytes == 0
        || (array[name] == '.' && (nameBytes == 1 || (nameBytes == 2 && array[name + 1] == '.')));
  }

  /** Whether it is {@code .} or {@code ..}. */
  public boolean isDot() {
    return nameBytes() > 0 && isSpecial(nameBytes());
  }

  /** The inode it names, 0 where it is empty. */
  public long inodeNr() {
    return INODE.get(array, origin + start);
  }

  /** The type that it gives: the number of {@code EXT4_FT_*}, with the feature filetype. */
  public int fileType() {
    return FILE_TYPE.get(array, origin + start);
  }

  /** Length of its name. */
  public int nameBytes() {
    return NAME_LEN.get(array, origin + start);
  }

  /** Where its name starts. */
  public int nameOffset() {
    return start + HEADER_BYTES;
  }

  /** Where it starts. */
  public int offset() {
    return start;
  }

  /** Where the next one starts. */
  public int nextOffset() {
    return next;
  }

  /** The hash behind a casefolded, encrypted name. */
  public int hash() {
    return bytes.getInt(hashOffset());
  }

  /** The second word of that hash. */
  public int minorHash() {
    return bytes.getInt(hashOffset() + Integer.BYTES);
  }

  private int hashOffset() {
    return start + (HEADER_BYTES + nameBytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Whether its name is this one. Names of one directory differ at their ends first of all. */
  public boolean isNamed(byte[] name) {
    if (nameBytes() != name.length) {
      return false;
    }
    int at = origin + nameOffset();
    for (int i = name.length - 1; i >= 0; i--) {
      if (array[at + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** What an entry takes at least, with a name of so many bytes. */
  static int entryBytes(int nameBytes) {
    return Math.max(
        MIN_ENTRY_BYTES, (HEADER_BYTES + nameBytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  }

  /**
   * Its length. In blocks of 64 KiB the lowest two bits are the highest, and the block's whole
   * length, which 16 bits cannot hold, is 0 or 65535.
   */
  static int recordBytes(ByteBuffer bytes, int base) {
    return recordBytes(REC_LEN.get(bytes, base), bytes.limit());
  }

  private static int recordBytes(int length, int blockBytes) {
    if (blockBytes <= LONGEST_PLAIN_BLOCK) {
      return length;
    }
    if (length == 0 || length == 0xffff) {
      return blockBytes;
    }
    return (length & 0xfffc) | (length & 3) << Short.SIZE;
  }

  /** Sets its length. */
  static void putRecordBytes(ByteBuffer bytes, int base, int length) {
    int stored = length;
    if (bytes.limit() > LONGEST_PLAIN_BLOCK && length > 0xffff) {
      stored = 0xffff;
    }
    REC_LEN.put(bytes, base, stored);
  }

  /** Writes a whole entry. */
  static void put(
      ByteBuffer bytes, int base, long inodeNr, int recordBytes, byte[] name, int fileType) {
    INODE.put(bytes, base, inodeNr);
    putRecordBytes(bytes, base, recordBytes);
    NAME_LEN.put(bytes, base, name.length);
    FILE_TYPE.put(bytes, base, fileType);
    bytes.put(base + HEADER_BYTES, name);
  }

  /** The inode of the entry at a place. */
  static long inodeNr(ByteBuffer bytes, int base) {
    return INODE.get(bytes, base);
  }

  static void putInode(ByteBuffer bytes, int base, long inodeNr) {
    INODE.put(bytes, base, inodeNr);
  }

  static void putType(ByteBuffer bytes, int base, int fileType) {
    FILE_TYPE.put(bytes, base, fileType);
  }

  /** Length of the name of the entry at a place. */
  static int nameBytes(ByteBuffer bytes, int base) {
    return NAME_LEN.get(bytes, base);
  }
}
