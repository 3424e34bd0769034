package io.lamina.fs;

/**
 * What is to be made: anything but a symbolic link.
 *
 * @param type what it is
 * @param permissions the low 12 bits of {@code st_mode}, as the caller asked for them
 * @param umask the bits that the caller wants cleared, unless the directory has a default ACL
 * @param owner the caller; a setgid directory gives its own group, and to directories its bit
 * @param deviceMajor of a device node, else 0
 * @param deviceMinor of a device node, else 0
 */
public record NewFile(
    FileType type, int permissions, int umask, Owner owner, int deviceMajor, int deviceMinor) {
  /** A regular file. */
  public static NewFile regular(int permissions, Owner owner) {
    return new NewFile(FileType.REGULAR, permissions, 0, owner, 0, 0);
  }

  /** A directory. */
  public static NewFile directory(int permissions, Owner owner) {
    return new NewFile(FileType.DIRECTORY, permissions, 0, owner, 0, 0);
  }
}
