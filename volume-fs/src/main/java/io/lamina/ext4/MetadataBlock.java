package io.lamina.ext4;

import io.lamina.ext4.journal.LogAppender;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A block of metadata in memory. It remembers what it was last verified as, so that its checksum
 * and its entries are looked through once, and again if another inode claims it.
 */
final class MetadataBlock implements LogAppender.Image {
  /** What a block can be verified as. */
  enum Kind {
    EXTENTS(1),
    DIRECTORY(2),
    HASH_TREE(3),
    XATTRS(4),
    BLOCK_BITMAP(5),
    INODE_BITMAP(6);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private static final int OVERHEAD_BYTES = 160;
  private static final int KIND_BITS = 3;
  private static final long ANYTHING = -1;

  private final long blockNr;
  private final ByteBuffer bytes;
  private volatile long verifiedAs;

  MetadataBlock(long blockNr, ByteBuffer bytes) {
    this.blockNr = blockNr;
    this.bytes = bytes;
  }

  /** A block of zeroes that is ours: it needs no verifying. */
  static MetadataBlock blank(long blockNr, int blockBytes) {
    MetadataBlock blank =
        new MetadataBlock(blockNr, ByteBuffer.allocate(blockBytes).order(ByteOrder.LITTLE_ENDIAN));
    blank.verifiedAs = ANYTHING;
    return blank;
  }

  /** A copy to be changed. It needs no verifying: whoever changes a block has read it before. */
  MetadataBlock copy() {
    MetadataBlock copy = blank(blockNr, bytes.capacity());
    copy.bytes.put(0, bytes, 0, bytes.capacity());
    return copy;
  }

  @Override
  public long blockNr() {
    return blockNr;
  }

  /** Its content, little-endian, not to be changed; read at absolute positions only. */
  @Override
  public ByteBuffer bytes() {
    return bytes;
  }

  /** Whether it has been verified as a thing of this kind, owned by this inode. */
  boolean isVerified(Kind kind, long ownerNr) {
    long known = verifiedAs;
    return known == ANYTHING || known == code(kind, ownerNr);
  }

  /** Whether it was changed here: then its checksum may not have been put in yet. */
  boolean isOurs() {
    return verifiedAs == ANYTHING;
  }

  /** Keeps that it has been verified. */
  void setVerified(Kind kind, long ownerNr) {
    if (!isOurs()) {
      verifiedAs = code(kind, ownerNr);
    }
  }

  private static long code(Kind kind, long ownerNr) {
    return (ownerNr << KIND_BITS) | kind.code;
  }

  int weightBytes() {
    return bytes.capacity() + OVERHEAD_BYTES;
  }
}
