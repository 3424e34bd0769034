package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives files other names. One at a time goes from one directory to another: only then can the
 * question be answered whether a directory would come to lie below itself. One of two directories
 * that take each other's place does not go beside it either: neither lies below the other, and what
 * lies below both is locked in yet another order.
 */
final class Renaming {
  private static final int CREDITS = 12;

  private final Files files;
  private final Writing writing;
  private final Namespace names;
  private final ReentrantLock oneAtATime = new ReentrantLock();

  Renaming(Files files, Writing writing, Namespace names) {
    this.files = files;
    this.writing = writing;
    this.names = names;
  }

  /** A name of the operation: its directory, and what has it. */
  private record Side(
      WritableInode directory,
      DirectoryEditor editor,
      Name name,
      @Nullable EntryPlace entry,
      @Nullable WritableInode inode) {
    boolean isDirectory() {
      return inode != null && inode.isDirectory();
    }
  }

  /** As {@link io.lamina.fs.Node#rename}. */
  void rename(Ext4Node from, Name name, Ext4Node to, Name newName, RenameMode mode)
      throws IOException {
    if (Namespace.isDot(name) || Namespace.isDot(newName)) {
      throw new FsException(Errno.EBUSY, "the names . and ..");
    }
    Namespace.nameBytes(newName);
    boolean isWithin = from.equals(to);
    if (isWithin && renameWithin(from, name, newName, mode)) {
      return;
    }
    oneAtATime.lock();
    try {
      if (!isWithin) {
        renameBetween(from, name, to, newName, mode);
      } else if (!renameWithin(from, name, newName, mode)) {
        throw new IllegalStateException("no other rename is under way");
      }
    } finally {
      oneAtATime.unlock();
    }
  }

  /**
   * Within one directory.
   *
   * @return false where nothing was done, because that must be the only rename meanwhile
   */
  private boolean renameWithin(Ext4Node parent, Name name, Name newName, RenameMode mode)
      throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode directory = Namespace.lockDirectory(locked, parent);
      DirectoryEditor editor = DirectoryEditor.of(files, directory);
      Side source = source(directory, editor, name, locked);
      Side target = target(directory, editor, newName, locked);
      boolean locksTwo = source.isDirectory() && target.isDirectory();
      if (locksTwo && !oneAtATime.isHeldByCurrentThread()) {
        return false;
      }
      rename(source, target, mode, locked);
      return true;
    }
  }

  private void renameBetween(Ext4Node from, Name name, Ext4Node to, Name newName, RenameMode mode)
      throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode fromDirectory = locked.hold(from);
      WritableInode toDirectory = locked.hold(to);
      requireDirectories(fromDirectory, toDirectory);
      Set<Long> aboveSource = selfAndAncestors(fromDirectory);
      Set<Long> aboveTarget = selfAndAncestors(toDirectory);
      boolean sourceFirst =
          aboveTarget.contains(fromDirectory.inodeNr())
              || (!aboveSource.contains(toDirectory.inodeNr())
                  && fromDirectory.inodeNr() < toDirectory.inodeNr());
      locked.lock(sourceFirst ? fromDirectory : toDirectory);
      locked.lock(sourceFirst ? toDirectory : fromDirectory);
      requireDirectories(fromDirectory, toDirectory);
      Side source = source(fromDirectory, DirectoryEditor.of(files, fromDirectory), name, locked);
      Side target = target(toDirectory, DirectoryEditor.of(files, toDirectory), newName, locked);
      requireNotBelowItself(source, aboveTarget, Errno.EINVAL);
      boolean exchanges = mode == RenameMode.EXCHANGE;
      requireNotBelowItself(target, aboveSource, exchanges ? Errno.EINVAL : Errno.ENOTEMPTY);
      rename(source, target, mode, locked);
    }
  }

  private static void requireDirectories(WritableInode one, WritableInode other)
      throws FsException {
    Namespace.requireDirectory(one);
    Namespace.requireDirectory(other);
  }

  private static void requireNotBelowItself(Side moved, Set<Long> above, Errno errno)
      throws FsException {
    if (moved.inode != null && above.contains(moved.inode.inodeNr())) {
      throw new FsException(errno, moved.name + " would come to lie below itself");
    }
  }

  /**
   * A directory and all above it. While this is asked, none of them can be moved; but it may be
   * removed, and then those above it, whose numbers may soon be anybody's.
   *
   * @throws FsException ENOENT when it was
   */
  private Set<Long> selfAndAncestors(WritableInode directory) throws IOException {
    Set<Long> all = new LinkedHashSet<>();
    long at = directory.inodeNr();
    while (at != InodeTable.ROOT) {
      if (!all.add(at)) {
        Namespace.requireDirectory(directory);
        throw directory.site().damage("directories above it", "the root at last", "a ring");
      }
      try {
        at = parentOf(at);
      } catch (IOException e) {
        Namespace.requireDirectory(directory); // or that is why
        throw e;
      }
    }
    all.add(InodeTable.ROOT);
    return all;
  }

  private long parentOf(long inodeNr) throws IOException {
    try (LockedFiles held = new LockedFiles(files)) {
      WritableInode directory = held.hold(inodeNr);
      directory.lock().readLock().lock();
      try {
        directory.requireThere();
        Namespace.requireIsDirectory(directory);
        return DirectoryEditor.of(files, directory).parentNr();
      } finally {
        directory.lock().readLock().unlock();
      }
    }
  }

  private static Side source(
      WritableInode directory, DirectoryEditor editor, Name name, LockedFiles locked)
      throws IOException {
    Namespace.requireMutable(directory, InodeFlags.APPEND);
    EntryPlace entry = Namespace.requireEntry(editor, name);
    return new Side(directory, editor, name, entry, locked.hold(entry.inodeNr()));
  }

  private static Side target(
      WritableInode directory, DirectoryEditor editor, Name name, LockedFiles locked)
      throws IOException {
    EntryPlace entry = editor.find(Namespace.nameBytes(name));
    if (entry == null) {
      return new Side(directory, editor, name, null, null);
    }
    Namespace.requireMutable(directory, InodeFlags.APPEND);
    return new Side(directory, editor, name, entry, locked.hold(entry.inodeNr()));
  }

  private void rename(Side source, Side target, RenameMode mode, LockedFiles locked)
      throws IOException {
    WritableInode moved = requireInode(source);
    WritableInode there = target.inode;
    if (mode == RenameMode.NO_REPLACE && there != null) {
      throw new FsException(Errno.EEXIST, target.name.toString());
    }
    if (mode == RenameMode.EXCHANGE && there == null) {
      throw new FsException(Errno.ENOENT, target.name.toString());
    }
    if (moved == there) {
      return;
    }
    lockFiles(moved, there, locked);
    Namespace.requireMutable(moved, InodeFlags.IMMUTABLE | InodeFlags.APPEND);
    if (mode == RenameMode.EXCHANGE) {
      exchange(source, target);
    } else if (there == null) {
      move(source, target);
    } else {
      replace(source, target);
    }
  }

  private static WritableInode requireInode(Side side) throws FsException {
    if (side.inode == null || side.entry == null) {
      throw new FsException(Errno.ENOENT, side.name.toString());
    }
    return side.inode;
  }

  private static EntryPlace requireEntry(Side side) throws FsException {
    requireInode(side);
    return java.util.Objects.requireNonNull(side.entry);
  }

  private static void lockFiles(
      WritableInode moved, @Nullable WritableInode there, LockedFiles locked) throws FsException {
    if (there == null) {
      locked.lock(moved);
      return;
    }
    boolean movedFirst =
        moved.isDirectory() == there.isDirectory()
            ? moved.inodeNr() < there.inodeNr()
            : moved.isDirectory(); // others hold it while they lock a file in it
    locked.lock(movedFirst ? moved : there);
    locked.lock(movedFirst ? there : moved);
  }

  private void move(Side source, Side target) throws IOException {
    WritableInode moved = requireInode(source);
    boolean changesParent = source.isDirectory() && source.directory != target.directory;
    if (changesParent) {
      LinkCounts.requireRoomForDirectory(files.volume(), target.directory);
      requireParent(moved, source.directory);
    }
    byte[] name = target.name.bytes();
    int newBlocks = target.editor.newBlocksFor(name);
    writing.within(
        CREDITS + Namespace.credits(newBlocks),
        Namespace.reserved(newBlocks),
        handle -> {
          source.editor.remove(handle, requireEntry(source));
          int code = target.editor.typeCode(moved.inode().type());
          target.editor.insert(handle, name, moved.inodeNr(), code);
          if (changesParent) {
            changeParent(handle, moved, source.directory, target.directory);
          }
          store(handle, source, target, Timestamp.now());
        });
  }

  private void replace(Side source, Side target) throws IOException {
    WritableInode moved = requireInode(source);
    WritableInode there = requireInode(target);
    if (source.isDirectory()) {
      names.requireRemovable(there, target.name);
    } else if (there.isDirectory()) {
      throw new FsException(Errno.EISDIR, target.name.toString());
    }
    Namespace.requireMutable(there, InodeFlags.IMMUTABLE | InodeFlags.APPEND);
    boolean changesParent = source.isDirectory() && source.directory != target.directory;
    if (changesParent) {
      requireParent(moved, source.directory);
    }
    writing.within(
        CREDITS + Namespace.credits(0),
        0,
        handle -> {
          Timestamp now = Timestamp.now();
          source.editor.remove(handle, requireEntry(source));
          int code = target.editor.typeCode(moved.inode().type());
          target.editor.replace(handle, requireEntry(target), moved.inodeNr(), code);
          if (target.isDirectory()) {
            LinkCounts.removeDirectory(target.directory);
          }
          if (changesParent) {
            changeParent(handle, moved, source.directory, target.directory);
          }
          store(handle, source, target, now);
          if (there.isDirectory()) {
            names.dropDirectory(handle, there, now);
          } else {
            names.dropName(handle, there, now);
          }
        });
  }

  private void exchange(Side source, Side target) throws IOException {
    WritableInode one = requireInode(source);
    WritableInode other = requireInode(target);
    Namespace.requireMutable(other, InodeFlags.IMMUTABLE | InodeFlags.APPEND);
    boolean changesParents = source.directory != target.directory;
    boolean movesOne = changesParents && source.isDirectory();
    boolean movesOther = changesParents && target.isDirectory();
    if (movesOne) {
      requireParent(one, source.directory);
      requireRoom(target.directory, movesOther);
    }
    if (movesOther) {
      requireParent(other, target.directory);
      requireRoom(source.directory, movesOne);
    }
    writing.within(
        CREDITS + Namespace.credits(0),
        0,
        handle -> {
          Timestamp now = Timestamp.now();
          int oneCode = source.editor.typeCode(one.inode().type());
          int otherCode = source.editor.typeCode(other.inode().type());
          source.editor.replace(handle, requireEntry(source), other.inodeNr(), otherCode);
          target.editor.replace(handle, requireEntry(target), one.inodeNr(), oneCode);
          if (movesOne) {
            changeParent(handle, one, source.directory, target.directory);
          }
          if (movesOther) {
            changeParent(handle, other, target.directory, source.directory);
          }
          other.raw().setChangeTime(now.seconds(), now.nanos());
          other.store(handle);
          store(handle, source, target, now);
        });
  }

  private void requireRoom(WritableInode directory, boolean losesOne) throws FsException {
    if (!losesOne) {
      LinkCounts.requireRoomForDirectory(files.volume(), directory);
    }
  }

  private void requireParent(WritableInode directory, WritableInode parent) throws IOException {
    long found = DirectoryEditor.of(files, directory).parentNr();
    if (found != parent.inodeNr()) {
      throw directory.site().damage("entry ..", parent.inodeNr(), found);
    }
  }

  private void changeParent(
      Handle handle, WritableInode moved, WritableInode from, WritableInode to) throws IOException {
    DirectoryEditor.of(files, moved).setParent(handle, to.inodeNr());
    LinkCounts.removeDirectory(from);
    LinkCounts.addDirectory(to);
  }

  private static void store(Handle handle, Side source, Side target, Timestamp now)
      throws IOException {
    WritableInode moved = requireInode(source);
    moved.raw().setChangeTime(now.seconds(), now.nanos());
    moved.store(handle);
    Namespace.touch(source.directory, now);
    Namespace.touch(target.directory, now);
    source.directory.store(handle);
    if (target.directory != source.directory) {
      target.directory.store(handle);
    }
  }
}
