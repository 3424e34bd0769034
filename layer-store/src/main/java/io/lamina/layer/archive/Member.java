package io.lamina.layer.archive;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One member of a tar, as its headers describe it.
 *
 * @param kind the type flag, one of the constants below
 * @param name its path, as it stands there
 * @param linkName what a link points at, else empty
 * @param mode permissions; docker since 17.06 puts the type's bits above them
 * @param userId owner
 * @param groupId group
 * @param size length of the file in bytes, holes included
 * @param modificationTime whole seconds, unless the archive says more
 * @param deviceMajor of a device node, else 0
 * @param deviceMinor of a device node, else 0
 * @param userName the owner's name, or empty
 * @param groupName the group's name, or empty
 * @param xattrs extended attributes, each with its namespace, in the order of their names
 * @param extents where the data of a sparse file lie, in order; null when it is stored whole
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html">pax</a>
 */
public record Member(
    char kind,
    Name name,
    Name linkName,
    int mode,
    long userId,
    long groupId,
    long size,
    Timestamp modificationTime,
    int deviceMajor,
    int deviceMinor,
    Name userName,
    Name groupName,
    SortedMap<Name, byte[]> xattrs,
    @Nullable List<Extent> extents) {
  static final char REGULAR = '0';
  static final char HARD_LINK = '1';
  static final char SYMLINK = '2';
  static final char CHARACTER_DEVICE = '3';
  static final char BLOCK_DEVICE = '4';
  static final char DIRECTORY = '5';
  static final char FIFO = '6';

  static final Name NONE = Name.of("");

  /** What the first user and the first group are called. */
  static final Name ROOT = Name.of("root");

  private static final SortedMap<Name, byte[]> NO_XATTRS = Collections.emptySortedMap();
  private static final int PERMISSIONS = 0xfff;

  /**
   * A range of a sparse file that has data.
   *
   * @param offset where in the file, in bytes
   * @param length how many bytes
   */
  public record Extent(long offset, long length) {}

  /**
   * A directory of root's.
   *
   * @param name ends in a slash
   */
  public static Member directory(Name name, int mode, Timestamp time) {
    return ofRoot(DIRECTORY, name, NONE, mode, 0, time);
  }

  /** A file of root's. */
  public static Member file(Name name, int mode, Timestamp time, long size) {
    return ofRoot(REGULAR, name, NONE, mode, size, time);
  }

  /** A symbolic link of root's. */
  public static Member symlink(Name name, Name target, int mode, Timestamp time) {
    return ofRoot(SYMLINK, name, target, mode, 0, time);
  }

  private static Member ofRoot(
      char kind, Name name, Name linkName, int mode, long size, Timestamp time) {
    return new Member(
        kind, name, linkName, mode, 0, 0, size, time, 0, 0, ROOT, ROOT, NO_XATTRS, null);
  }

  /** Whether content follows its headers. */
  public boolean hasContent() {
    return kind == REGULAR;
  }

  /** Whether it is a directory. */
  public boolean isDirectory() {
    return kind == DIRECTORY;
  }

  /** Whether it is another name of a file, or a symbolic link. */
  public boolean isLink() {
    return kind == HARD_LINK || kind == SYMLINK;
  }

  /** The low 12 bits of {@code st_mode}. */
  int permissions() {
    return mode & PERMISSIONS;
  }

  /** What kind of file it makes; null for a hard link, which makes none. */
  @Nullable FileType type() {
    return switch (kind) {
      case SYMLINK -> FileType.SYMLINK;
      case CHARACTER_DEVICE -> FileType.CHARACTER_DEVICE;
      case BLOCK_DEVICE -> FileType.BLOCK_DEVICE;
      case DIRECTORY -> FileType.DIRECTORY;
      case FIFO -> FileType.FIFO;
      case HARD_LINK -> null;
      default -> FileType.REGULAR;
    };
  }

  static char kind(FileType type) {
    return switch (type) {
      case SYMLINK -> SYMLINK;
      case CHARACTER_DEVICE -> CHARACTER_DEVICE;
      case BLOCK_DEVICE -> BLOCK_DEVICE;
      case DIRECTORY -> DIRECTORY;
      case FIFO -> FIFO;
      case REGULAR -> REGULAR;
      case SOCKET -> throw new IllegalArgumentException("a tar has no sockets");
    };
  }
}
