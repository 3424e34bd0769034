package io.lamina.ext4;

import io.lamina.ext4.format.RawInode;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A directory that lies in its inode: the number of its parent, then entries in what is left of the
 * block map, then entries in the attribute. There are no entries for {@code .} and {@code ..}.
 */
final class InlineDirectory extends Directory {
  private static final int PARENT_BYTES = 4;

  private final ByteBuffer bytes;

  InlineDirectory(Volume volume, Inode inode) throws IOException {
    super(volume, inode);
    this.bytes = InlineData.of(inode);
  }

  @Override
  void walk(long position, Taker taker) throws IOException {
    int first = RawInode.BLOCK_BYTES;
    if (walkRegion(bytes, PARENT_BYTES, first, 0, position, taker, inode().site())) {
      walkRegion(bytes, first, bytes.limit(), 0, position, taker, inode().site());
    }
  }
}
