package io.lamina.fs;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One file of a tree, whatever its type. A node stays valid until its tree is closed. Two nodes of
 * one tree are equal when they are the same file.
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
   * The file that a listed entry names: what {@link #child} gives, with the entry's number at hand
   * so that a tree can go straight to the file.
   *
   * @param inodeNr as {@link EntryVisitor#entry} told it
   * @return null where there is no such name any more
   */
  default @Nullable Node listedChild(Name name, long inodeNr) throws IOException {
    return child(name);
  }

  /**
   * Whether looking at a child costs much more than listing its name, so that whoever lists this
   * directory should not look at all of them.
   */
  default boolean hasCostlyChildren() {
    return false;
  }

  /**
   * Whether it is made when it is looked at: then its attributes and content are not to be kept.
   */
  default boolean isVolatile() {
    return false;
  }
}
