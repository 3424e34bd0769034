package io.lamina.ext4;

import io.lamina.ext4.format.ExtentTreeEditor;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.StoredXattr;
import io.lamina.ext4.format.XattrNames;
import io.lamina.ext4.format.XattrRegion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The content of a file that lies in its inode, to be changed. The caller has the file's write
 * lock, and stores the inode.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/inlinedata.html">Inline
 *     data</a>
 */
final class InlineContent {
  private static final XattrNames.Stored DATA = new XattrNames.Stored(XattrNames.SYSTEM, "data");

  private final Volume volume;
  private final WritableInode inode;

  InlineContent(Volume volume, WritableInode inode) {
    this.volume = volume;
    this.inode = inode;
  }

  static boolean isOf(WritableInode inode) {
    return (inode.raw().flags() & InodeFlags.INLINE_DATA) != 0;
  }

  /** The content, as long as the file is. */
  byte[] bytes() throws IOException {
    ByteBuffer stored = InlineData.of(inode.unstored());
    byte[] bytes = new byte[(int) Math.min(stored.limit(), inode.raw().size())];
    stored.get(0, bytes);
    return Arrays.copyOf(bytes, (int) inode.raw().size());
  }

  /** Whether content of so many bytes has room in the inode. */
  boolean hasRoom(long byteCount) throws IOException {
    return byteCount <= inode.raw().byteCount()
        && XattrRegion.fitInInode(with((int) byteCount), inode.raw().byteCount(), extraBytes());
  }

  /** The inode's attributes, with content of so many zero bytes. */
  private List<StoredXattr> with(int byteCount) throws IOException {
    return with(new byte[Math.max(0, byteCount - RawInode.BLOCK_BYTES)]);
  }

  private List<StoredXattr> with(byte[] value) throws IOException {
    List<StoredXattr> attributes = others();
    attributes.add(0, StoredXattr.of(DATA, value));
    return attributes;
  }

  private List<StoredXattr> others() throws IOException {
    List<StoredXattr> attributes = XattrRegion.inInode(inode.raw(), extraBytes(), inode.site());
    attributes.removeIf(attribute -> attribute.key().equals(DATA));
    return attributes;
  }

  private int extraBytes() throws IOException {
    return inode.unstored().extraBytes();
  }

  /** Puts content in that has room; the file becomes as long. */
  void put(byte[] content) throws IOException {
    RawInode raw = inode.raw();
    byte[] head = Arrays.copyOf(content, RawInode.BLOCK_BYTES);
    int headBytes = Math.min(content.length, RawInode.BLOCK_BYTES);
    byte[] rest = Arrays.copyOfRange(content, headBytes, content.length);
    XattrRegion.putInInode(with(rest), raw, extraBytes());
    raw.bytes().put(RawInode.BLOCK_OFFSET, head);
    raw.setSize(content.length);
  }

  /** Takes the content out: an empty map is in its place. */
  void leave() throws IOException {
    RawInode raw = inode.raw();
    XattrRegion.putInInode(others(), raw, extraBytes());
    int flags = raw.flags() & ~InodeFlags.INLINE_DATA;
    raw.bytes().put(RawInode.BLOCK_OFFSET, new byte[RawInode.BLOCK_BYTES]);
    if (volume.superblock().has(Feature.EXTENT)) {
      ExtentTreeEditor.start(raw.bytes());
      flags |= InodeFlags.EXTENTS;
    }
    raw.setFlags(flags);
  }
}
