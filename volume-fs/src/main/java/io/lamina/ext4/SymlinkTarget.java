package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.NameHash;
import io.lamina.ext4.format.NoKeyName;
import io.lamina.ext4.format.RawInode;
import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The target of a symbolic link: in place of the block map where it is short, else in the link's
 * first block, or as inline data. It is never longer than a block, whatever the inode's size says.
 */
final class SymlinkTarget {
  private static final int LENGTH_BYTES = 2;
  private static final int SECTOR_BYTES = 512;

  private SymlinkTarget() {}

  /** Reads it. */
  static Name of(Volume volume, Inode inode) throws IOException {
    int blockBytes = volume.geometry().blockBytes();
    if (inode.size() < 1 || inode.size() >= blockBytes) {
      throw inode
          .site()
          .damage("i_size of a symbolic link", "1 to " + (blockBytes - 1), inode.size());
    }
    byte[] stored = stored(volume, inode, (int) inode.size());
    if (inode.has(InodeFlags.ENCRYPT)) {
      return Name.ofBytes(NoKeyName.of(encrypted(stored, inode), new NameHash(0, 0), inode.site()));
    }
    int end = 0;
    while (end < stored.length && stored[end] != 0) {
      end++;
    }
    return Name.ofBytes(Arrays.copyOf(stored, end));
  }

  private static byte[] stored(Volume volume, Inode inode, int size) throws IOException {
    if (inode.has(InodeFlags.INLINE_DATA)) {
      return copy(InlineData.of(inode), 0, size, inode);
    }
    if (isFast(volume, inode)) {
      if (size >= RawInode.BLOCK_BYTES) {
        throw inode
            .site()
            .damage("i_size of a short symbolic link", "1 to " + (RawInode.BLOCK_BYTES - 1), size);
      }
      return copy(inode.raw().bytes(), RawInode.BLOCK_OFFSET, size, inode);
    }
    Run run = BlockMap.of(volume, inode).at(0);
    if (run.isHole()) {
      throw inode.site().damage("target of the symbolic link", "a block", "a hole");
    }
    return copy(volume.block(run.blockNr()).bytes(), 0, size, inode);
  }

  private static byte[] copy(ByteBuffer from, int offset, int size, Inode inode)
      throws CorruptException {
    if (size > from.limit() - offset) {
      throw inode
          .site()
          .damage("i_size of a symbolic link", "at most " + (from.limit() - offset), size);
    }
    byte[] copy = new byte[size];
    from.get(offset, copy);
    return copy;
  }

  /** A link that takes no blocks but the one of its attributes has its target in the inode. */
  static boolean isFast(Volume volume, Inode inode) {
    if (inode.has(InodeFlags.EA_INODE)) {
      return inode.size() < RawInode.BLOCK_BYTES;
    }
    long ofAttributes =
        inode.raw().fileAcl(volume.superblock().has(Feature.BIT64)) == 0
            ? 0
            : (long) volume.geometry().clusterBlocks()
                * volume.geometry().blockBytes()
                / SECTOR_BYTES;
    return inode.attributes().sectorCount() == ofAttributes;
  }

  /** Encrypted targets are stored with their length before them. */
  private static byte[] encrypted(byte[] stored, Inode inode) throws CorruptException {
    int length =
        stored.length < LENGTH_BYTES ? 0 : (stored[0] & 0xff) | ((stored[1] & 0xff) << Byte.SIZE);
    if (length == 0 || length > stored.length - LENGTH_BYTES) {
      throw inode
          .site()
          .damage(
              "length of an encrypted symbolic link",
              "1 to " + (stored.length - LENGTH_BYTES),
              length);
    }
    return Arrays.copyOfRange(stored, LENGTH_BYTES, LENGTH_BYTES + length);
  }
}
