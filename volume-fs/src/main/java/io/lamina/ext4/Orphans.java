package io.lamina.ext4;

import java.io.IOException;

/**
 * The files without a name that somebody still has open, and those that are being cut off: a list
 * through their inodes, from which the next one who opens the volume learns what is left to be
 * deleted.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/orphan.html">Orphan
 *     list</a>
 */
final class Orphans {
  private final SuperblockWriter superblock;
  private final LiveInodes live;

  Orphans(SuperblockWriter superblock, LiveInodes live) {
    this.superblock = superblock;
    this.live = live;
  }

  /**
   * Puts a file onto the list, in the handle that takes its last name away or that begins to cut it
   * off. The caller has the inode's write lock, and stores it.
   */
  synchronized void add(Handle handle, WritableInode inode) throws IOException {
    inode.raw().setDeletionTime(superblock.now().lastOrphanInodeNr());
    superblock.edit(handle, editor -> editor.setLastOrphanInodeNr(inode.inodeNr()));
    inode.store(handle);
  }

  /** Takes a file off the list. The caller has the inode's write lock, and stores it. */
  synchronized void remove(Handle handle, WritableInode inode) throws IOException {
    long next = inode.raw().deletionTime();
    inode.raw().setDeletionTime(0);
    long at = superblock.now().lastOrphanInodeNr();
    if (at == inode.inodeNr()) {
      superblock.edit(handle, editor -> editor.setLastOrphanInodeNr(next));
      return;
    }
    while (at != 0) {
      WritableInode before = live.acquire(at);
      try {
        long follower = before.raw().deletionTime();
        if (follower == inode.inodeNr()) {
          before.raw().setDeletionTime(next);
          before.store(handle);
          return;
        }
        at = follower;
      } finally {
        live.release(before);
      }
    }
  }
}
