package io.lamina.ext4;

import io.lamina.ext4.format.RawInode;
import io.lamina.ext4.format.XattrEntry;
import io.lamina.ext4.format.XattrNames;
import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Content that lies in the inode: its first 60 bytes in place of the block map, the rest as the
 * value of an attribute.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/inlinedata.html">Inline
 *     data</a>
 */
final class InlineData {
  private InlineData() {}

  /** All of it, the room that the content does not fill included; a little-endian copy. */
  static ByteBuffer of(Inode inode) throws CorruptException {
    RawInode raw = inode.raw();
    for (XattrEntry entry : XattrEntry.inInode(raw, inode.extraBytes(), inode.site())) {
      if (XattrNames.isInlineData(entry)) {
        if (entry.valueInodeNr() != 0) {
          throw inode.site().damage("e_value_inum of system.data", 0, entry.valueInodeNr());
        }
        byte[] bytes = new byte[RawInode.BLOCK_BYTES + entry.valueBytes()];
        raw.bytes().get(RawInode.BLOCK_OFFSET, bytes, 0, RawInode.BLOCK_BYTES);
        byte[] rest = entry.value(raw.bytes());
        System.arraycopy(rest, 0, bytes, RawInode.BLOCK_BYTES, rest.length);
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    throw inode.site().damage("inline data", "an attribute system.data", "none");
  }
}
