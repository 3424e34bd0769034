package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import io.lamina.ext4.format.RawInode;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes files, and gives them names and takes those away; renaming is {@link Renaming}'s. */
final class Namespace {
  private static final int NAME_MAX_BYTES = 255;
  private static final int TARGET_MAX_BYTES = 4095;

  /** The directory's inode, the superblock, and what an entry touches. */
  private static final int ENTRY_CREDITS = 6;

  /** What each new block of a directory may touch: itself, where it is counted, the map. */
  private static final int BLOCK_CREDITS = 8;

  /** Blocks of the map that one new block may need. */
  private static final int MAP_BLOCKS = 3;

  private final Files files;
  private final Volume volume;
  private final Writing writing;
  private final NewFiles newFiles;

  Namespace(Files files, Writing writing, NewFiles newFiles) {
    this.files = files;
    this.volume = files.volume();
    this.writing = writing;
    this.newFiles = newFiles;
  }

  /** A directory that is held and locked, and may get and lose names. */
  static WritableInode lockDirectory(LockedFiles locked, Ext4Node node) throws IOException {
    WritableInode directory = locked.lock(locked.hold(node));
    requireDirectory(directory);
    return directory;
  }

  static void requireIsDirectory(WritableInode inode) throws FsException {
    if (!inode.isDirectory()) {
      throw new FsException(Errno.ENOTDIR, "inode " + inode.inodeNr());
    }
  }

  /** Asks whether a file is a directory that may get names. */
  static void requireDirectory(WritableInode directory) throws FsException {
    requireIsDirectory(directory);
    if (directory.raw().linkCount() == 0) {
      throw new FsException(Errno.ENOENT, "directory " + directory.inodeNr() + " was removed");
    }
    requireMutable(directory, InodeFlags.IMMUTABLE);
  }

  /** Asks whether a file is not marked as one that may not be changed like that. */
  static void requireMutable(WritableInode inode, int flags) throws FsException {
    if (inode.has(flags)) {
      throw new FsException(Errno.EPERM, "inode " + inode.inodeNr() + " is marked immutable");
    }
  }

  /**
   * The bytes of a name that a file can have.
   *
   * @throws FsException ENAMETOOLONG, EINVAL
   */
  static byte[] nameBytes(Name name) throws FsException {
    if (name.byteCount() > NAME_MAX_BYTES) {
      throw new FsException(Errno.ENAMETOOLONG, name.toString());
    }
    String text = name.latin1();
    if (text.isEmpty() || text.indexOf('/') >= 0 || text.indexOf('\0') >= 0) {
      throw new FsException(Errno.EINVAL, "the name " + name);
    }
    return name.bytes();
  }

  static boolean isDot(Name name) {
    return name.latin1().equals(".") || name.latin1().equals("..");
  }

  /** Where a name is in a directory, and what has to be known to put it there. */
  private byte[] requireFree(DirectoryEditor editor, Name name) throws IOException {
    byte[] bytes = nameBytes(name);
    if (isDot(name) || editor.find(bytes) != null) {
      throw new FsException(Errno.EEXIST, name.toString());
    }
    return bytes;
  }

  static EntryPlace requireEntry(DirectoryEditor editor, Name name) throws IOException {
    EntryPlace entry = isDot(name) ? null : editor.find(nameBytes(name));
    if (entry == null) {
      throw new FsException(Errno.ENOENT, name.toString());
    }
    return entry;
  }

  /** How many blocks of metadata an entry may touch that makes a directory grow. */
  static int credits(int newBlocks) {
    return ENTRY_CREDITS + newBlocks * BLOCK_CREDITS;
  }

  /** How many blocks to reserve for so many of a directory. */
  static int reserved(int newBlocks) {
    return newBlocks == 0 ? 0 : newBlocks + MAP_BLOCKS;
  }

  /** What is done to a new inode before it is stored. */
  @FunctionalInterface
  private interface Filling {
    void fill(Handle handle, WritableInode inode) throws IOException;
  }

  /** Makes a file that is no symbolic link. */
  Ext4Node create(Ext4Node parent, Name name, NewFile file) throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode directory = lockDirectory(locked, parent);
      NewFiles.Plan plan = newFiles.plan(directory, file);
      if (file.type() != FileType.DIRECTORY) {
        return create(parent, directory, name, plan, 0, locked, (handle, inode) -> {});
      }
      LinkCounts.requireRoomForDirectory(volume, directory);
      return create(
          parent,
          directory,
          name,
          plan,
          1,
          locked,
          (handle, inode) -> {
            long parentNr = directory.inodeNr();
            if (!InlineDirectoryEditor.start(files, handle, inode, parentNr)) {
              BlockDirectoryEditor.start(files, handle, inode, parentNr);
            }
            inode.raw().setLinkCount(2);
            LinkCounts.addDirectory(directory);
          });
    }
  }

  /** Makes a symbolic link; a short target lies in the inode, a longer one in a block. */
  Ext4Node createSymlink(Ext4Node parent, Name name, Name target, Owner owner) throws IOException {
    byte[] bytes = target.bytes();
    if (bytes.length > Math.min(TARGET_MAX_BYTES, volume.geometry().blockBytes() - 1)) {
      throw new FsException(Errno.ENAMETOOLONG, "a target of " + bytes.length + " bytes");
    }
    if (bytes.length == 0) {
      throw new FsException(Errno.ENOENT, "an empty target");
    }
    boolean isFast = bytes.length < RawInode.BLOCK_BYTES;
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode directory = lockDirectory(locked, parent);
      return create(
          parent,
          directory,
          name,
          newFiles.planSymlink(directory, owner),
          isFast ? 0 : 1,
          locked,
          (handle, inode) -> {
            if (isFast) {
              inode.raw().bytes().put(RawInode.BLOCK_OFFSET, bytes);
            } else {
              NewMap.start(volume, inode.raw());
              NewMap.append(files, handle, inode, 0).put(0, bytes);
            }
            inode.raw().setSize(bytes.length);
          });
    }
  }

  private Ext4Node create(
      Ext4Node parent,
      WritableInode directory,
      Name name,
      NewFiles.Plan plan,
      int ownBlocks,
      LockedFiles locked,
      Filling filling)
      throws IOException {
    DirectoryEditor editor = DirectoryEditor.of(files, directory);
    byte[] bytes = requireFree(editor, name);
    int newBlocks = editor.newBlocksFor(bytes);
    WritableInode made =
        writing.making(
            plan.credits() + credits(newBlocks + ownBlocks),
            reserved(newBlocks) + reserved(ownBlocks) + plan.newBlocks(),
            handle -> {
              Timestamp now = Timestamp.now();
              WritableInode inode = newFiles.make(handle, directory, plan, now, locked);
              filling.fill(handle, inode);
              inode.store(handle);
              editor.insert(handle, bytes, inode.inodeNr(), editor.typeCode(plan.type()));
              touch(directory, now);
              directory.store(handle);
              return inode;
            });
    return parent.other(made);
  }

  /** The names of a directory have changed. */
  static void touch(WritableInode directory, Timestamp now) {
    directory.raw().setModificationTime(now.seconds(), now.nanos());
    directory.raw().setChangeTime(now.seconds(), now.nanos());
  }

  /**
   * Makes a regular file without a name.
   *
   * @param locked holds it
   */
  Ext4Node createUnnamed(Ext4Node parent, NewFile file, LockedFiles locked) throws IOException {
    try (LockedFiles inner = new LockedFiles(files)) {
      WritableInode directory = lockDirectory(inner, parent);
      NewFiles.Plan plan = newFiles.plan(directory, file);
      WritableInode made =
          writing.making(
              plan.credits() + credits(0),
              plan.newBlocks(),
              handle -> {
                WritableInode inode =
                    newFiles.make(handle, directory, plan, Timestamp.now(), locked);
                inode.raw().setLinkCount(0);
                inode.setLinkable(true);
                writing.orphans().add(handle, inode);
                return inode;
              });
      return parent.other(made);
    }
  }

  /** Gives a file one more name. */
  void link(Ext4Node parent, Name name, Ext4Node file) throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode directory = lockDirectory(locked, parent);
      DirectoryEditor editor = DirectoryEditor.of(files, directory);
      byte[] bytes = requireFree(editor, name);
      WritableInode inode = locked.hold(file);
      if (inode.isDirectory()) {
        throw new FsException(Errno.EPERM, "a directory has one name");
      }
      locked.lock(inode);
      requireMutable(inode, InodeFlags.IMMUTABLE | InodeFlags.APPEND);
      int count = inode.raw().linkCount();
      if (count >= LinkCounts.MOST) {
        throw new FsException(Errno.EMLINK, "inode " + inode.inodeNr());
      }
      if (count == 0 && !inode.isLinkable()) {
        throw new FsException(Errno.ENOENT, "inode " + inode.inodeNr() + " has no name left");
      }
      int newBlocks = editor.newBlocksFor(bytes);
      writing.within(
          credits(newBlocks) + ENTRY_CREDITS,
          reserved(newBlocks),
          handle -> {
            Timestamp now = Timestamp.now();
            if (count == 0) {
              writing.orphans().remove(handle, inode);
              inode.setLinkable(false);
            }
            inode.raw().setLinkCount(count + 1);
            inode.raw().setChangeTime(now.seconds(), now.nanos());
            inode.store(handle);
            int code = editor.typeCode(inode.inode().type());
            editor.insert(handle, bytes, inode.inodeNr(), code);
            touch(directory, now);
            directory.store(handle);
          });
    }
  }

  /** Takes the name of a file that is no directory away. */
  void unlink(Ext4Node parent, Name name) throws IOException {
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode directory = lockDirectory(locked, parent);
      requireMutable(directory, InodeFlags.APPEND);
      DirectoryEditor editor = DirectoryEditor.of(files, directory);
      EntryPlace entry = requireEntry(editor, name);
      WritableInode inode = locked.hold(entry.inodeNr());
      if (inode.isDirectory()) {
        throw new FsException(Errno.EISDIR, name.toString());
      }
      locked.lock(inode);
      requireMutable(inode, InodeFlags.IMMUTABLE | InodeFlags.APPEND);
      writing.within(
          credits(0) + ENTRY_CREDITS,
          0,
          handle -> {
            Timestamp now = Timestamp.now();
            editor.remove(handle, entry);
            touch(directory, now);
            directory.store(handle);
            dropName(handle, inode, now);
          });
    }
  }

  /** A file that is no directory has one name less. */
  void dropName(Handle handle, WritableInode inode, Timestamp now) throws IOException {
    inode.raw().setLinkCount(inode.raw().linkCount() - 1);
    inode.raw().setChangeTime(now.seconds(), now.nanos());
    if (inode.raw().linkCount() == 0) {
      writing.orphans().add(handle, inode);
    } else {
      inode.store(handle);
    }
  }

  /** Takes an empty directory away. */
  void removeDirectory(Ext4Node parent, Name name) throws IOException {
    if (isDot(name)) {
      throw new FsException(
          name.byteCount() == 1 ? Errno.EINVAL : Errno.ENOTEMPTY, name.toString());
    }
    try (LockedFiles locked = new LockedFiles(files)) {
      WritableInode directory = lockDirectory(locked, parent);
      requireMutable(directory, InodeFlags.APPEND);
      DirectoryEditor editor = DirectoryEditor.of(files, directory);
      EntryPlace entry = requireEntry(editor, name);
      WritableInode inode = locked.lock(locked.hold(entry.inodeNr()));
      requireRemovable(inode, name);
      writing.within(
          credits(0) + ENTRY_CREDITS,
          0,
          handle -> {
            Timestamp now = Timestamp.now();
            editor.remove(handle, entry);
            LinkCounts.removeDirectory(directory);
            touch(directory, now);
            directory.store(handle);
            dropDirectory(handle, inode, now);
          });
    }
  }

  /** Asks whether a directory that is locked may be taken away. */
  void requireRemovable(WritableInode inode, @Nullable Name name) throws IOException {
    if (!inode.isDirectory()) {
      throw new FsException(Errno.ENOTDIR, String.valueOf(name));
    }
    requireMutable(inode, InodeFlags.IMMUTABLE | InodeFlags.APPEND);
    if (!DirectoryEditor.of(files, inode).isEmpty()) {
      throw new FsException(Errno.ENOTEMPTY, String.valueOf(name));
    }
  }

  /** An empty directory has lost its name. */
  void dropDirectory(Handle handle, WritableInode inode, Timestamp now) throws IOException {
    inode.raw().setLinkCount(0);
    inode.raw().setChangeTime(now.seconds(), now.nanos());
    writing.orphans().add(handle, inode);
  }
}
