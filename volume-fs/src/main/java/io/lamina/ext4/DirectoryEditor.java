package io.lamina.ext4;

import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.FileType;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Changes the names of one directory, whose write lock the caller has. What can fail is asked
 * before a handle is opened: where a name lies, how many blocks a new one takes. After a change the
 * caller stores the directory's inode; an editor is of no use for the next operation.
 */
abstract class DirectoryEditor {
  /** The name of a directory's parent. */
  static final byte[] PARENT = {'.', '.'};

  private final Files files;
  private final WritableInode directory;

  DirectoryEditor(Files files, WritableInode directory) {
    this.files = files;
    this.directory = directory;
  }

  /** The editor of a directory. */
  static DirectoryEditor of(Files files, WritableInode directory) throws IOException {
    return (directory.raw().flags() & InodeFlags.INLINE_DATA) != 0
        ? new InlineDirectoryEditor(files, directory)
        : new BlockDirectoryEditor(files, directory, directory.inode());
  }

  final Files files() {
    return files;
  }

  final Volume volume() {
    return files.volume();
  }

  final WritableInode directory() {
    return directory;
  }

  /** The number that an entry has for the type of what it names. */
  final int typeCode(FileType type) {
    return files.typeCode(type);
  }

  /** Where the entry of a name lies, null where there is none. */
  abstract @Nullable EntryPlace find(byte[] name) throws IOException;

  /**
   * How many blocks the directory may grow by when a name is put in.
   *
   * @throws io.lamina.fs.FsException ENOSPC when it cannot take one more
   */
  abstract int newBlocksFor(byte[] name) throws IOException;

  /** Puts a name in that is not there. */
  abstract void insert(Handle handle, byte[] name, long inodeNr, int typeCode) throws IOException;

  /** Takes an entry away. */
  final void remove(Handle handle, EntryPlace entry) throws IOException {
    volume().countRemoval(directory.inodeNr());
    erase(handle, entry);
  }

  abstract void erase(Handle handle, EntryPlace entry) throws IOException;

  /** Lets an entry name another file. */
  final void replace(Handle handle, EntryPlace entry, long inodeNr, int typeCode)
      throws IOException {
    volume().countRemoval(directory.inodeNr());
    overwrite(handle, entry, inodeNr, typeCode);
  }

  abstract void overwrite(Handle handle, EntryPlace entry, long inodeNr, int typeCode)
      throws IOException;

  /** The directory's own directory. */
  abstract long parentNr() throws IOException;

  /** Gives it another. */
  abstract void setParent(Handle handle, long parentNr) throws IOException;

  /** Whether it has no names but its own and its parent's. */
  abstract boolean isEmpty() throws IOException;
}
