package io.lamina.ext4;

import io.lamina.fs.FsException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The files that one operation works on: held and locked until it is over. Closing it unlocks them
 * all, and only then ends the holds, by which files without names are deleted.
 *
 * <p>Locks are taken in this order: that of renames, directories (a parent before what is below
 * it), other files (lower numbers first). No handle is open then.
 */
final class LockedFiles implements AutoCloseable {
  private final InodeTable table;
  private final LiveInodes live;
  private final List<WritableInode> held = new ArrayList<>();
  private final Deque<WritableInode> locked = new ArrayDeque<>();

  LockedFiles(Files files) throws IOException {
    this.table = files.inodes();
    this.live = files.requireWriting().live();
  }

  /** Holds a file that a node stands for. */
  WritableInode hold(Ext4Node node) throws IOException {
    return adopt(live.acquire(node.inodeNr(), node.generation()));
  }

  /** Holds a file that an entry names, in a directory that is locked. */
  WritableInode hold(long inodeNr) throws IOException {
    return adopt(live.acquire(table.named(inodeNr).inodeNr()));
  }

  /** Holds the inode of an attribute's value. */
  WritableInode holdValue(long inodeNr) throws IOException {
    return adopt(live.acquire(inodeNr));
  }

  /** Takes over somebody's hold. */
  WritableInode adopt(WritableInode inode) {
    held.add(inode);
    return inode;
  }

  /**
   * Locks a file for changing.
   *
   * @throws FsException ESTALE when it was deleted meanwhile
   */
  WritableInode lock(WritableInode inode) throws FsException {
    inode.lock().writeLock().lock();
    locked.push(inode);
    inode.requireThere();
    return inode;
  }

  @Override
  public void close() throws IOException {
    while (!locked.isEmpty()) {
      locked.pop().lock().writeLock().unlock();
    }
    IOException first = null;
    for (WritableInode inode : held) {
      try {
        live.release(inode);
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
