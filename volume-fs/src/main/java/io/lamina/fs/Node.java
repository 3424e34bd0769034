package io.lamina.fs;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One file of a tree, whatever its type. A node stays valid until its tree is closed. Two nodes of
 * one tree are equal when they are the same file.
 *
 * <p>A file whose last name is gone lives on while an {@link OpenFile} or a {@link #hold} of it
 * does; after that, every call on its nodes gives ESTALE. A later file that gets the same inode
 * number is another file.
 *
 * <p>Each call that changes a file is whole when it returns, seen by all, and outlives a power cut
 * once {@link #sync}, {@link WritableFile#sync} or {@link FileTree#sync} has returned. It changes
 * all or nothing. Where the tree cannot be changed it gives EROFS. Whether the caller may is asked
 * by whoever calls, except for what only the tree knows: EPERM for an immutable or append-only
 * file.
 *
 * <p>Safe for use by many threads. Errors of POSIX's kind are {@link FsException}s; a damaged file
 * is an {@link IOException} with a message that names the block.
 */
public interface Node {
  /** What {@code stat} tells of it. */
  Attributes attributes() throws IOException;

  /**
   * The file that a directory's entry names.
   *
   * @return null where there is no such name
   * @throws FsException ENOTDIR when this is not a directory
   */
  @Nullable Node child(Name name) throws IOException;

  /**
   * Lists a directory in the order of its cookies.
   *
   * @param cookie 0 for the whole, else where an earlier listing stopped
   * @throws FsException ENOTDIR when this is not a directory
   */
  void list(long cookie, EntryVisitor visitor) throws IOException;

  /**
   * Opens a regular file for reading.
   *
   * @throws FsException EISDIR for a directory, EINVAL for what has no content
   */
  OpenFile open() throws IOException;

  /**
   * The target of a symbolic link, as bytes.
   *
   * @throws FsException EINVAL when this is none
   */
  Name readLink() throws IOException;

  /** The names of its extended attributes, with their namespaces: {@code user.x}. */
  List<Name> xattrNames() throws IOException;

  /**
   * The value of one extended attribute, as {@code getxattr} gives it.
   *
   * @return null where there is none of that name
   */
  byte @Nullable [] xattr(Name name) throws IOException;

  /** The bits of {@code FS_IOC_GETFLAGS}: immutable, append-only, extents and so on. */
  int flags() throws IOException;

  /**
   * What {@code FS_IOC_GETVERSION} tells: one use of an inode number from the next.
   *
   * @throws FsException ENOTTY where the tree has no such number
   */
  default int version() throws IOException {
    throw new FsException(Errno.ENOTTY, "version");
  }

  /** The project that {@code FS_IOC_FSGETXATTR} tells; 0 where the tree has none. */
  default int projectId() throws IOException {
    return 0;
  }

  /**
   * How often so far a name of this directory, or of some others of the tree, went away or came to
   * name another file; it is counted before that is done. 0 where nobody counts.
   */
  default long removalCount() {
    return 0;
  }

  /**
   * The file that a listed entry names: what {@link #child} gives, with the entry's number at hand
   * so that a tree can go straight to the file.
   *
   * @param inodeNr as {@link EntryVisitor#entry} told it
   * @param removalCount as {@link #removalCount} told it before the directory was listed
   * @return null where there is no such name any more
   */
  default @Nullable Node listedChild(Name name, long inodeNr, long removalCount)
      throws IOException {
    return child(name);
  }

  /**
   * Whether looking at a child costs much more than listing its name, so that whoever lists this
   * directory should not look at all of them.
   */
  default boolean hasCostlyChildren() {
    return false;
  }

  /** What it can be made anew from, where that is less than the node; else null. */
  default @Nullable NodeKey nodeKey() {
    return null;
  }

  /**
   * Whether it is made when it is looked at: then its attributes and content are not to be kept.
   */
  default boolean isVolatile() {
    return false;
  }

  /**
   * Whether its length never changes, like a block device's: then opening it to be cut off ({@code
   * O_TRUNC}) leaves it as it is.
   */
  default boolean hasFixedSize() {
    return false;
  }

  /**
   * Keeps the file's content after its last name is gone, until what is returned is closed: for
   * whoever goes on showing a file that he has not opened.
   */
  default Hold hold() throws IOException {
    return () -> {};
  }

  /**
   * Makes a file that is none of: a symbolic link, a second name.
   *
   * @return the new file
   * @throws FsException EEXIST when the name is taken, ENOTDIR when this is not a directory, ENOENT
   *     when this directory has been removed, ENAMETOOLONG, ENOSPC, EMLINK
   */
  default Node create(Name name, NewFile file) throws IOException {
    throw readOnly();
  }

  /**
   * Makes a regular file with no name, that a {@link #link} may give one: {@code O_TMPFILE}. It
   * lives while it is open or held, so it comes opened.
   *
   * @throws FsException EOPNOTSUPP where the tree has no such files
   */
  default WritableFile createUnnamed(NewFile file) throws IOException {
    throw new FsException(Errno.EOPNOTSUPP, "O_TMPFILE");
  }

  /**
   * Makes a symbolic link.
   *
   * @param target where it points, not empty
   * @throws FsException as {@link #create}; ENAMETOOLONG for a target of 4096 bytes and more
   */
  default Node createSymlink(Name name, Name target, Owner owner) throws IOException {
    throw readOnly();
  }

  /**
   * Gives a file of the same tree one more name in this directory.
   *
   * @throws FsException EPERM for a directory, EMLINK when it has as many as there can be, EEXIST,
   *     ENOENT for a file that has no name left, EXDEV for another tree's
   */
  default void link(Name name, Node file) throws IOException {
    throw readOnly();
  }

  /**
   * Takes away the name of a file that is no directory.
   *
   * @throws FsException ENOENT, EISDIR
   */
  default void unlink(Name name) throws IOException {
    throw readOnly();
  }

  /**
   * Takes away an empty directory.
   *
   * @throws FsException ENOENT, ENOTDIR, ENOTEMPTY, EBUSY
   */
  default void removeDirectory(Name name) throws IOException {
    throw readOnly();
  }

  /**
   * Gives a file of this directory another name, here or in another directory of the same tree; all
   * that {@code renameat2} does, and its errors.
   *
   * @param target the directory of the new name
   * @throws FsException ENOENT, EEXIST, ENOTEMPTY, ENOTDIR, EISDIR, EINVAL when a directory would
   *     come to lie below itself, EXDEV for another tree's
   */
  default void rename(Name name, Node target, Name newName, RenameMode mode) throws IOException {
    throw readOnly();
  }

  /** Changes what {@code chmod}, {@code chown}, {@code utimens} and {@code truncate} change. */
  default void change(AttributeChange change) throws IOException {
    throw readOnly();
  }

  /**
   * Sets one extended attribute.
   *
   * @param name with its namespace: {@code user.x}
   * @param value its new value, which may be empty
   * @throws FsException EEXIST and ENODATA as the mode says, ENOSPC, ERANGE, EOPNOTSUPP for a
   *     namespace that the tree does not keep, EINVAL for a namespace without a name
   */
  default void setXattr(Name name, byte[] value, XattrMode mode) throws IOException {
    throw readOnly();
  }

  /**
   * Takes one extended attribute away.
   *
   * @throws FsException ENODATA where there is none of that name
   */
  default void removeXattr(Name name) throws IOException {
    throw readOnly();
  }

  /**
   * Sets the bits of {@code FS_IOC_SETFLAGS}.
   *
   * @throws FsException EOPNOTSUPP for a bit that the tree does not let change
   */
  default void setFlags(int flags) throws IOException {
    throw readOnly();
  }

  /** Opens a regular file for reading and writing; errors as {@link #open}. */
  default WritableFile openForWriting() throws IOException {
    throw readOnly();
  }

  /** Returns when what was changed in this directory outlives a power cut. */
  default void sync() throws IOException {}

  private static FsException readOnly() {
    return new FsException(Errno.EROFS, "read-only file system");
  }

  /** What keeps a file. */
  @FunctionalInterface
  interface Hold extends Closeable {
    @Override
    void close() throws IOException;
  }
}
