package io.lamina.ext4;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files without a name that somebody still has open, and those that are being cut off: from
 * them the next one who opens the volume learns what is left to be done. They stand in the orphan
 * file where the volume has one with room, else on a list through their inodes.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/orphan.html">Orphan
 *     list</a>
 */
final class Orphans {
  /** A place on the list: its neighbours. */
  private static final class Link {
    private final WritableInode inode;
    private @Nullable Link before;
    private @Nullable Link after;

    Link(WritableInode inode) {
      this.inode = inode;
    }
  }

  private final SuperblockWriter superblock;
  private final @Nullable OrphanFile file;

  @GuardedBy("this")
  private final Map<Long, Link> listed = new HashMap<>();

  @GuardedBy("this")
  private @Nullable Link first;

  Orphans(SuperblockWriter superblock, @Nullable OrphanFile file) {
    this.superblock = superblock;
    this.file = file;
  }

  /**
   * Notes a file, in the handle that takes its last name away or that begins to cut it off; one
   * that is noted already stays so. The caller has the inode's write lock. Touches two blocks.
   */
  synchronized void add(Handle handle, WritableInode inode) throws IOException {
    boolean isNoted = listed.containsKey(inode.inodeNr());
    if (isNoted || (file != null && file.add(handle, inode.inodeNr()))) {
      inode.store(handle);
      return;
    }
    Link link = new Link(inode);
    link.after = first;
    inode.raw().setDeletionTime(first == null ? 0 : first.inode.inodeNr());
    superblock.edit(handle, editor -> editor.setLastOrphanInodeNr(inode.inodeNr()));
    inode.store(handle);
    insert(link);
  }

  @GuardedBy("this")
  private void insert(Link link) {
    if (first != null) {
      first.before = link;
    }
    first = link;
    listed.put(link.inode.inodeNr(), link);
  }

  /**
   * Strikes a file out. The caller has the inode's write lock, and stores it. Touches two blocks
   * besides.
   */
  synchronized void remove(Handle handle, WritableInode inode) throws IOException {
    Link link = listed.get(inode.inodeNr());
    if (link == null) {
      if (file != null) {
        file.remove(handle, inode.inodeNr());
      }
      return;
    }
    long next = link.after == null ? 0 : link.after.inode.inodeNr();
    if (link.before == null) {
      superblock.edit(handle, editor -> editor.setLastOrphanInodeNr(next));
    } else {
      link.before.inode.storeNextOrphan(handle, next);
    }
    inode.raw().setDeletionTime(0);
    listed.remove(inode.inodeNr());
    unlink(link);
  }

  @GuardedBy("this")
  private void unlink(Link link) {
    if (link.before == null) {
      first = link.after;
    } else {
      link.before.after = link.after;
    }
    if (link.after != null) {
      link.after.before = link.before;
    }
  }

  /** Takes over a list that was found, from its last inode to its first. */
  synchronized void adopt(WritableInode inode) {
    Link link = new Link(inode);
    link.after = first;
    insert(link);
  }

  /** Whether none is noted. */
  synchronized boolean isEmpty() {
    return first == null && (file == null || file.isEmpty());
  }
}
