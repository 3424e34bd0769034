package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import java.io.IOException;

/** Where the blocks of a file lie. Safe for use by many threads. */
interface BlockMap {
  /** No file has this many blocks: the end of the last hole. */
  long END = 1L << 54;

  /**
   * The run that starts with a block of the file. It may be shorter than the longest one possible;
   * its successor then is of the same sort.
   *
   * @param fileBlockNr 0 for the first; past the end of what is mapped there are only holes
   */
  Run at(long fileBlockNr) throws IOException;

  /** The map of an inode: a tree of extents, or indirect blocks. */
  static BlockMap of(Volume volume, Inode inode) throws IOException {
    ChangedRanges changed = volume.changes().ranges(inode.inodeNr());
    if (changed != null && changed.isNew()) {
      return changed.alone();
    }
    BlockMap map =
        inode.has(InodeFlags.EXTENTS)
            ? new ExtentMap(volume, inode)
            : new IndirectMap(volume, inode);
    return changed == null ? map : changed.over(map);
  }
}
