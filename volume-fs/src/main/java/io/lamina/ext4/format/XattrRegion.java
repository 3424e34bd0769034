package io.lamina.ext4.format;

import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes extended attributes into one of the two places where they can lie: entries from the start,
 * values from the end, zeroes between them.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/attributes.html">Extended
 *     attributes</a>
 */
public final class XattrRegion {
  private static final int END_MARK_BYTES = 4;
  private static final int MAGIC_BYTES = 4;

  private XattrRegion() {}

  /** The attributes in an inode itself. */
  public static List<StoredXattr> inInode(RawInode inode, int extraBytes, Site site)
      throws CorruptException {
    return stored(XattrEntry.inInode(inode, extraBytes, site), inode.bytes());
  }

  /** The attributes of a block. */
  public static List<StoredXattr> inBlock(ByteBuffer block, Site site) throws CorruptException {
    return stored(XattrEntry.inBlock(block, site), block);
  }

  private static List<StoredXattr> stored(List<XattrEntry> entries, ByteBuffer bytes) {
    List<StoredXattr> stored = new ArrayList<>();
    for (XattrEntry entry : entries) {
      stored.add(StoredXattr.of(entry, bytes));
    }
    return stored;
  }

  /** Whether an inode of so many bytes has room for attributes behind its last field. */
  public static boolean fitInInode(List<StoredXattr> attributes, int inodeBytes, int extraBytes) {
    int room = inodeBytes - RawInode.GOOD_OLD_BYTES - extraBytes - MAGIC_BYTES;
    return attributes.isEmpty() || byteCount(attributes) <= room;
  }

  /** Whether a block has room for attributes. */
  public static boolean fitInBlock(List<StoredXattr> attributes, int blockBytes) {
    return byteCount(attributes) <= blockBytes - XattrEntry.HEADER_BYTES;
  }

  private static int byteCount(List<StoredXattr> attributes) {
    int count = END_MARK_BYTES;
    for (StoredXattr attribute : attributes) {
      count += attribute.byteCount();
    }
    return count;
  }

  /** Puts attributes into an inode that has room for them; those it had are gone. */
  public static void putInInode(List<StoredXattr> attributes, RawInode inode, int extraBytes) {
    int start = RawInode.GOOD_OLD_BYTES + extraBytes;
    ByteBuffer bytes = inode.bytes();
    if (start + MAGIC_BYTES + END_MARK_BYTES > inode.byteCount()) {
      return;
    }
    bytes.put(start, new byte[inode.byteCount() - start]);
    if (!attributes.isEmpty()) {
      XattrEntry.putMagic(bytes, start);
      put(attributes, bytes, start + MAGIC_BYTES, start + MAGIC_BYTES, false);
    }
  }

  /** Makes a block one of these attributes, with one user; its checksum is still to come. */
  public static void putInBlock(List<StoredXattr> attributes, ByteBuffer block) {
    List<StoredXattr> sorted = new ArrayList<>(attributes);
    sorted.sort(StoredXattr.ORDER);
    List<Integer> hashes = new ArrayList<>();
    for (StoredXattr attribute : sorted) {
      hashes.add(attribute.hashInBlock());
    }
    block.put(0, new byte[block.limit()]);
    XattrEntry.putHeader(block, XattrHash.ofBlock(hashes));
    put(sorted, block, XattrEntry.HEADER_BYTES, 0, true);
  }

  private static void put(
      List<StoredXattr> attributes, ByteBuffer bytes, int first, int valueBase, boolean isBlock) {
    int at = first;
    int valueAt = bytes.limit();
    for (StoredXattr attribute : attributes) {
      boolean hasValue = attribute.valueInodeNr() == 0 && attribute.valueBytes() > 0;
      if (hasValue) {
        valueAt -= StoredXattr.padded(attribute.valueBytes());
        attribute.putValue(bytes, valueAt);
      }
      int hash = isBlock ? attribute.hashInBlock() : attribute.hashInInode();
      XattrEntry.put(bytes, at, attribute, hasValue ? valueAt - valueBase : 0, hash);
      at += XattrEntry.byteCount(attribute.name().length());
    }
  }
}
