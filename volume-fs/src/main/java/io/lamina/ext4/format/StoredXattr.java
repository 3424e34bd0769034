package io.lamina.ext4.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * One extended attribute as it is stored: its value at hand, or in an inode of its own. Immutable.
 */
public final class StoredXattr {
  /** The order in a block: the number of the name's start, the length of its rest, its bytes. */
  static final Comparator<StoredXattr> ORDER =
      Comparator.comparingInt(StoredXattr::nameIndex)
          .thenComparingInt(attribute -> attribute.name().length())
          .thenComparing(StoredXattr::name);

  private static final int ALIGNMENT = 4;

  private final XattrNames.Stored key;
  private final byte[] value;
  private final long valueInodeNr;
  private final int valueBytes;
  private final int valueHash;

  private StoredXattr(
      XattrNames.Stored key, byte[] value, long valueInodeNr, int valueBytes, int valueHash) {
    this.key = key;
    this.value = value;
    this.valueInodeNr = valueInodeNr;
    this.valueBytes = valueBytes;
    this.valueHash = valueHash;
  }

  /** One whose value lies beside its entry. */
  public static StoredXattr of(XattrNames.Stored key, byte[] value) {
    return new StoredXattr(key, value.clone(), 0, value.length, 0);
  }

  /**
   * One whose value lies in an inode.
   *
   * @param valueHash the hash of that value
   */
  public static StoredXattr inInode(
      XattrNames.Stored key, long valueInodeNr, int valueBytes, int valueHash) {
    byte[] name = key.name().getBytes(StandardCharsets.ISO_8859_1);
    int hash = XattrHash.withWord(XattrHash.ofName(name, false), valueHash);
    return new StoredXattr(key, new byte[0], valueInodeNr, valueBytes, hash);
  }

  /**
   * What an entry tells of.
   *
   * @param bytes what the entry came from
   */
  static StoredXattr of(XattrEntry entry, ByteBuffer bytes) {
    XattrNames.Stored key = new XattrNames.Stored(entry.nameIndex(), entry.name());
    return entry.valueInodeNr() == 0
        ? new StoredXattr(key, entry.value(bytes), 0, entry.valueBytes(), 0)
        : new StoredXattr(key, new byte[0], entry.valueInodeNr(), entry.valueBytes(), entry.hash());
  }

  /** How its name is stored. */
  public XattrNames.Stored key() {
    return key;
  }

  int nameIndex() {
    return key.nameIndex();
  }

  String name() {
    return key.name();
  }

  byte[] nameBytes() {
    return key.name().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The inode that holds its value, 0 for none. */
  public long valueInodeNr() {
    return valueInodeNr;
  }

  /** Length of its value. */
  public int valueBytes() {
    return valueBytes;
  }

  /** A copy of its value, which does not lie in an inode. */
  public byte[] value() {
    return value.clone();
  }

  /** Whether its value is this, beside it. */
  public boolean holds(byte[] other) {
    return valueInodeNr == 0 && Arrays.equals(value, other);
  }

  /** The hash that its entry has in a block. */
  int hashInBlock() {
    return valueInodeNr == 0 ? XattrHash.of(nameBytes(), value) : valueHash;
  }

  /** The hash that its entry has in an inode: none, but for a value in another inode. */
  int hashInInode() {
    return valueInodeNr == 0 ? 0 : valueHash;
  }

  /** What it takes, its value included. */
  int byteCount() {
    return XattrEntry.byteCount(key.name().length()) + padded(value.length);
  }

  void putValue(ByteBuffer bytes, int at) {
    bytes.put(at, value);
  }

  /** What a value of so many bytes takes. */
  static int padded(int byteCount) {
    return (byteCount + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
