package io.lamina.layer.archive;

import io.lamina.fs.Name;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One header block of a tar: 512 bytes of fields, numbers in octal or, where they are too large, in
 * base 256.
 *
 * @see <a href="https://www.gnu.org/software/tar/manual/html_node/Standard.html">the headers</a>
 */
final class UstarHeader {
  static final int BYTES = 512;

  private static final Field NAME = new Field(0, 100);
  private static final Field MODE = new Field(100, 8);
  private static final Field USER_ID = new Field(108, 8);
  private static final Field GROUP_ID = new Field(116, 8);
  private static final Field SIZE = new Field(124, 12);
  private static final Field TIME = new Field(136, 12);
  private static final Field CHECKSUM = new Field(148, 8);
  private static final int KIND = 156;
  private static final Field LINK_NAME = new Field(157, 100);
  private static final Field MAGIC = new Field(257, 6);
  private static final Field VERSION = new Field(263, 2);
  private static final Field USER_NAME = new Field(265, 32);
  private static final Field GROUP_NAME = new Field(297, 32);
  private static final Field DEVICE_MAJOR = new Field(329, 8);
  private static final Field DEVICE_MINOR = new Field(337, 8);
  private static final Field PREFIX = new Field(345, 155);
  private static final Field GNU_REAL_SIZE = new Field(483, 12);
  private static final int GNU_FIRST_EXTENT = 386;
  private static final int GNU_FIRST_EXTENT_COUNT = 4;
  private static final int GNU_IS_EXTENDED = 482;
  private static final int BASE_256 = 0x80;
  private static final int MAX_BASE_256_BYTES = 8;

  private final byte[] block;

  /** A range of the block. */
  record Field(int offset, int length) {
    Field next() {
      return new Field(offset + length, length);
    }
  }

  UstarHeader(byte[] block) {
    this.block = block;
  }

  boolean isZero() {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether the stored sum is that of the bytes, taken as unsigned or, as some did, as signed. */
  boolean hasGoodChecksum() {
    try {
      long stored = number(CHECKSUM);
      return stored == sum(0xff) || stored == sum(-1);
    } catch (ArchiveException e) {
      return false; // no number at all
    }
  }

  private long sum(int mask) {
    long sum = 0;
    for (int i = 0; i < BYTES; i++) {
      boolean inChecksum = i >= CHECKSUM.offset && i < CHECKSUM.offset + CHECKSUM.length;
      sum += inChecksum ? ' ' : block[i] & mask;
    }
    return sum;
  }

  char kind() {
    return (char) (block[KIND] & 0xff);
  }

  Name name() {
    Name prefix = hasPrefix() ? text(PREFIX) : Member.NONE;
    Name name = text(NAME);
    return prefix.byteCount() == 0 ? name : Name.ofLatin1(prefix.latin1() + "/" + name.latin1());
  }

  /** GNU's headers have other fields there. */
  private boolean hasPrefix() {
    return text(MAGIC).latin1().equals("ustar");
  }

  Name linkName() {
    return text(LINK_NAME);
  }

  Name userName() {
    return text(USER_NAME);
  }

  Name groupName() {
    return text(GROUP_NAME);
  }

  int mode() throws ArchiveException {
    return (int) number(MODE);
  }

  long userId() throws ArchiveException {
    return number(USER_ID);
  }

  long groupId() throws ArchiveException {
    return number(GROUP_ID);
  }

  long size() throws ArchiveException {
    return number(SIZE);
  }

  long seconds() throws ArchiveException {
    return number(TIME);
  }

  int deviceMajor() throws ArchiveException {
    return (int) number(DEVICE_MAJOR);
  }

  int deviceMinor() throws ArchiveException {
    return (int) number(DEVICE_MINOR);
  }

  /** Of an old GNU sparse file: its length with holes. */
  long gnuRealSize() throws ArchiveException {
    return number(GNU_REAL_SIZE);
  }

  /** Of an old GNU sparse file: whether another block of extents follows. */
  boolean gnuHasMore() {
    return block[GNU_IS_EXTENDED] != 0;
  }

  /** Of an old GNU sparse file: where its first extents are, as pairs of numbers. */
  static Field gnuFirstExtent() {
    return new Field(GNU_FIRST_EXTENT, SIZE.length);
  }

  static int gnuFirstExtentCount() {
    return GNU_FIRST_EXTENT_COUNT;
  }

  private Name text(Field field) {
    int end = field.offset;
    while (end < field.offset + field.length && block[end] != 0) {
      end++;
    }
    return Name.ofBytes(Arrays.copyOfRange(block, field.offset, end));
  }

  /** A number of the block. */
  long number(Field field) throws ArchiveException {
    if ((block[field.offset] & BASE_256) != 0) {
      return base256(field);
    }
    String octal = text(field).latin1().trim();
    if (octal.isEmpty()) {
      return 0;
    }
    try {
      return Long.parseLong(octal, 8);
    } catch (NumberFormatException e) {
      throw new ArchiveException(name(), "a number of its header is not octal: " + octal);
    }
  }

  private long base256(Field field) throws ArchiveException {
    boolean negative = (block[field.offset] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = field.offset; i < field.offset + field.length; i++) {
      int digit = block[i] & 0xff;
      if (i == field.offset) {
        digit = negative ? digit : digit & ~BASE_256;
      }
      boolean fits = value >> (Long.SIZE - Byte.SIZE - 1) == (negative ? -1 : 0);
      if (!fits && field.length > MAX_BASE_256_BYTES) {
        throw new ArchiveException(name(), "a number of its header is too large");
      }
      value = (value << Byte.SIZE) | digit;
    }
    return value;
  }

  /** An empty header to be filled, of the POSIX kind. */
  static UstarHeader create(char kind) {
    UstarHeader header = new UstarHeader(new byte[BYTES]);
    header.block[KIND] = (byte) kind;
    header.put(MAGIC, Name.of("ustar"));
    header.put(VERSION, Name.of("00"));
    return header;
  }

  static boolean fitsName(Name name) {
    return name.byteCount() <= NAME.length;
  }

  static boolean fitsOwnerName(Name name) {
    return name.byteCount() <= USER_NAME.length;
  }

  static boolean fitsId(long id) {
    return fits(USER_ID, id);
  }

  static boolean fitsSize(long size) {
    return fits(SIZE, size);
  }

  private static boolean fits(Field field, long number) {
    return number >= 0 && number >> (3 * (field.length - 1)) == 0;
  }

  UstarHeader names(Name name, Name linkName) {
    put(NAME, name);
    put(LINK_NAME, linkName);
    return this;
  }

  UstarHeader numbers(int mode, long userId, long groupId, long size, long seconds) {
    put(MODE, mode);
    put(USER_ID, userId);
    put(GROUP_ID, groupId);
    put(SIZE, size);
    put(TIME, seconds);
    return this;
  }

  UstarHeader owners(Name userName, Name groupName) {
    put(USER_NAME, userName);
    put(GROUP_NAME, groupName);
    return this;
  }

  UstarHeader device(int major, int minor) {
    put(DEVICE_MAJOR, major);
    put(DEVICE_MINOR, minor);
    return this;
  }

  /** The finished block. */
  byte[] sealed() {
    byte[] digits = String.format("%06o", sum(0xff)).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, block, CHECKSUM.offset, digits.length);
    block[CHECKSUM.offset + CHECKSUM.length - 1] = ' ';
    return block;
  }

  /** What does not fit is cut off: a pax header has it whole. */
  private void put(Field field, Name text) {
    byte[] bytes = text.bytes();
    System.arraycopy(bytes, 0, block, field.offset, Math.min(bytes.length, field.length));
  }

  /** Zero where it does not fit: a pax header has it. */
  private void put(Field field, long number) {
    String octal = Long.toOctalString(fits(field, number) ? number : 0);
    put(field, Name.of("0".repeat(field.length - 1 - octal.length()) + octal));
  }
}
