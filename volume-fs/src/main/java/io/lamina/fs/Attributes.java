package io.lamina.fs;

/**
 * What {@code stat} tells of a file.
 *
 * @param inodeNr the file's number in its own file system
 * @param type what it is
 * @param permissions the low 12 bits of {@code st_mode}
 * @param linkCount how many names it has, as its file system counts them
 * @param userId owner, unsigned 32 bits
 * @param groupId group, unsigned 32 bits
 * @param size length in bytes
 * @param sectorCount space it takes, in units of 512 bytes
 * @param deviceMajor of a device node, else 0
 * @param deviceMinor of a device node, else 0
 * @param accessTime {@code atime}
 * @param modificationTime {@code mtime}
 * @param changeTime {@code ctime}
 */
public record Attributes(
    long inodeNr,
    FileType type,
    int permissions,
    int linkCount,
    long userId,
    long groupId,
    long size,
    long sectorCount,
    int deviceMajor,
    int deviceMinor,
    Timestamp accessTime,
    Timestamp modificationTime,
    Timestamp changeTime) {
  /** {@code st_mode}: type and permissions. */
  public int mode() {
    return type.modeBits() | permissions;
  }

  /** The same of another number. */
  public Attributes withInodeNr(long otherNr) {
    return new Attributes(
        otherNr,
        type,
        permissions,
        linkCount,
        userId,
        groupId,
        size,
        sectorCount,
        deviceMajor,
        deviceMinor,
        accessTime,
        modificationTime,
        changeTime);
  }

  /** The same of another size. */
  public Attributes withSize(long otherSize) {
    return new Attributes(
        inodeNr,
        type,
        permissions,
        linkCount,
        userId,
        groupId,
        otherSize,
        sectorCount,
        deviceMajor,
        deviceMinor,
        accessTime,
        modificationTime,
        changeTime);
  }

  /** Whether it is a directory. */
  public boolean isDirectory() {
    return type == FileType.DIRECTORY;
  }
}
