package io.lamina.ext4;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.ext4.format.RawInode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The inodes that somebody holds: open files, names that are shown, operations under way. A file
 * whose last name is gone is deleted when its last holder releases it. The last few that nobody
 * holds any more are kept: who has made or changed a file will soon do more to it. Safe for use by
 * many threads.
 */
final class LiveInodes {
  /** Deletes a file that has neither names nor holders. */
  @FunctionalInterface
  interface Deletion {
    /** Gives back its blocks and its inode, in handles of its own. */
    void delete(WritableInode inode) throws IOException;
  }

  private static final int MOST_IDLE = 16;

  private static final class Entry {
    private final WritableInode inode;
    private int holders = 1;

    Entry(WritableInode inode) {
      this.inode = inode;
    }
  }

  private final Volume volume;
  private final InodeTable table;

  @GuardedBy("this")
  private final Map<Long, Entry> entries = new HashMap<>();

  /** Those of them that nobody holds, the one that was released first foremost. */
  @GuardedBy("this")
  private final Map<Long, Entry> idle = new LinkedHashMap<>();

  private Deletion deletion = inode -> {};
  private IntSupplier runningId = () -> 0;

  LiveInodes(Volume volume, InodeTable table) {
    this.volume = volume;
    this.table = table;
  }

  /** Says how files are deleted; before anything is released. */
  void setDeletion(Deletion deletion) {
    this.deletion = deletion;
  }

  /** Says which transaction runs; before anything is acquired. */
  void setRunning(IntSupplier runningId) {
    this.runningId = runningId;
  }

  /**
   * An inode to be changed, held once more.
   *
   * @throws io.lamina.ondisk.CorruptException when it is damaged
   */
  WritableInode acquire(long inodeNr) throws IOException {
    WritableInode known = acquireLive(inodeNr);
    if (known != null) {
      return known;
    }
    table.inode(inodeNr); // read it now: below, it is remembered
    synchronized (this) {
      WritableInode meanwhile = acquireLive(inodeNr);
      return meanwhile != null ? meanwhile : readAnew(inodeNr);
    }
  }

  @GuardedBy("this")
  private WritableInode readAnew(long inodeNr) throws IOException {
    Inode stored = table.inode(inodeNr);
    WritableInode inode = adopt(inodeNr, stored.raw().copy());
    inode.setStored(stored);
    setStored(inode);
    return inode;
  }

  /**
   * Whoever had it before may have stored it in a transaction that is not durable yet, or given it
   * its name there.
   */
  private void setStored(WritableInode inode) {
    inode.setStoredIn(runningId.getAsInt());
  }

  /**
   * A file that a node stands for, held once more.
   *
   * @throws FsException ESTALE when it is gone, whoever has its number now
   */
  WritableInode acquire(long inodeNr, int generation) throws IOException {
    WritableInode live = acquireNamed(inodeNr);
    if (live == null) {
      throw stale(inodeNr);
    }
    boolean isSame = live.raw().generation() == generation && !live.isDeleted();
    if (!isSame) {
      release(live);
      throw stale(inodeNr);
    }
    return live;
  }

  /** An inode that has names, or a holder, held once more; null for one that is gone. */
  private @Nullable WritableInode acquireNamed(long inodeNr) throws IOException {
    WritableInode known = acquireLive(inodeNr);
    if (known != null) {
      return known;
    }
    table.inode(inodeNr); // read it now: below, it is remembered
    synchronized (this) {
      WritableInode meanwhile = acquireLive(inodeNr);
      boolean isGone = table.inode(inodeNr).raw().linkCount() == 0;
      return meanwhile != null || isGone ? meanwhile : readAnew(inodeNr);
    }
  }

  private static FsException stale(long inodeNr) {
    return new FsException(Errno.ESTALE, "inode " + inodeNr);
  }

  /** Whether somebody holds an inode. */
  synchronized boolean isHeld(long inodeNr) {
    Entry entry = entries.get(inodeNr);
    return entry != null && entry.holders > 0;
  }

  /** An inode that is here, and may soon be no more; null where none is. */
  synchronized @Nullable WritableInode known(long inodeNr) {
    Entry entry = entries.get(inodeNr);
    return entry == null ? null : entry.inode;
  }

  /** An inode that is here, held once more; null where none is. */
  synchronized @Nullable WritableInode acquireLive(long inodeNr) {
    Entry entry = entries.get(inodeNr);
    if (entry == null) {
      return null;
    }
    if (entry.holders == 0) {
      idle.remove(inodeNr);
      setStored(entry.inode);
    }
    entry.holders++;
    return entry.inode;
  }

  /** A new inode, held once. */
  synchronized WritableInode adopt(long inodeNr, RawInode raw) {
    WritableInode inode = new WritableInode(volume, table, inodeNr, raw);
    Entry before = entries.put(inodeNr, new Entry(inode));
    if (before != null && !before.inode.isDeleted()) {
      throw new IllegalStateException("inode " + inodeNr + " is held and was allocated");
    }
    return inode;
  }

  /** Holds an inode once more that the caller holds. */
  synchronized void hold(WritableInode inode) {
    Entry entry = entries.get(inode.inodeNr());
    if (entry != null && entry.inode == inode && entry.holders > 0) {
      entry.holders++;
    } else if (!inode.isDeleted()) {
      throw new IllegalStateException("inode " + inode.inodeNr() + " is not held");
    }
  }

  /**
   * Ends one hold. The last one of a file without names deletes it: no handle may be open then, and
   * no lock of a file held.
   */
  void release(WritableInode inode) throws IOException {
    boolean isUnnamed;
    boolean isGone;
    synchronized (this) {
      Entry entry = entries.get(inode.inodeNr());
      boolean isLast = entry != null && entry.inode == inode && entry.holders == 1;
      isUnnamed = isLast && inode.raw().linkCount() == 0 && !inode.isDeleted();
      isGone = !isUnnamed && drop(inode);
    }
    if (isUnnamed) {
      deletion.delete(inode); // still held: nobody may read it anew meanwhile
      synchronized (this) {
        isGone = drop(inode);
      }
    }
    if (isGone) {
      inode.setGrowth(null); // takes a group's lock, under which inodes are adopted
    }
  }

  /**
   * Once a file is deleted, its number may belong to another before the last holder is gone.
   *
   * @return whether nobody holds it any more
   */
  @GuardedBy("this")
  private boolean drop(WritableInode inode) {
    Entry entry = entries.get(inode.inodeNr());
    if (entry == null || entry.inode != inode || entry.holders == 0) {
      if (!inode.isDeleted()) {
        throw new IllegalStateException("inode " + inode.inodeNr() + " is not held");
      }
      return true;
    }
    entry.holders--;
    if (entry.holders > 0) {
      return false;
    }
    if (inode.isDeleted()) {
      entries.remove(inode.inodeNr());
    } else {
      keepIdle(entry);
    }
    return true;
  }

  @GuardedBy("this")
  private void keepIdle(Entry entry) {
    idle.put(entry.inode.inodeNr(), entry);
    if (idle.size() > MOST_IDLE) {
      long first = idle.keySet().iterator().next();
      idle.remove(first);
      entries.remove(first);
    }
  }
}
