package io.lamina.ext4;

import io.lamina.ext4.format.ExtentTreeEditor;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The block maps of what is written through handles: directories, targets of symbolic links, values
 * of attributes.
 */
final class NewMap {
  private NewMap() {}

  /** Gives an inode a map of no blocks: a tree of extents where the volume has those. */
  static void start(Volume volume, RawInode raw) {
    if (volume.superblock().has(Feature.EXTENT)) {
      ExtentTreeEditor.start(raw.bytes());
      raw.setFlags(raw.flags() | InodeFlags.EXTENTS);
    } else {
      raw.bytes().put(RawInode.BLOCK_OFFSET, new byte[RawInode.BLOCK_BYTES]);
    }
  }

  /**
   * Maps one block that was not mapped, and gives its content, all zero, to be changed.
   *
   * @param fileBlockNr the one behind those that are mapped
   */
  static ByteBuffer append(Files files, Handle handle, WritableInode inode, long fileBlockNr)
      throws IOException {
    return handle.fresh(map(files, handle, inode, fileBlockNr));
  }

  /** As {@link #append}; tells where the block is. */
  static long map(Files files, Handle handle, WritableInode inode, long fileBlockNr)
      throws IOException {
    FileSpace space = new FileSpace(files, inode);
    Run run = space.take(handle, fileBlockNr, 1, handle.reservation()).run();
    space.map(handle, fileBlockNr, run, true);
    return run.blockNr();
  }
}
