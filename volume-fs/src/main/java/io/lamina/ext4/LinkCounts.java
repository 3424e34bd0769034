package io.lamina.ext4;

import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;

/**
 * How many names a file may have, and how directories count theirs: one of more subdirectories than
 * can be counted has the count 1, for good, where the volume has dir_nlink.
 */
final class LinkCounts {
  /** No file has more. */
  static final int MOST = 65000;

  private static final int UNCOUNTED = 1;
  private static final int OF_EMPTY_DIRECTORY = 2;

  private LinkCounts() {}

  /**
   * Asks whether a directory may get one more subdirectory.
   *
   * @throws FsException EMLINK when it may not
   */
  static void requireRoomForDirectory(Volume volume, WritableInode directory) throws FsException {
    boolean mayBeUncounted =
        volume.superblock().has(Feature.DIR_NLINK) && directory.has(InodeFlags.INDEX);
    if (directory.raw().linkCount() >= MOST && !mayBeUncounted) {
      throw new FsException(Errno.EMLINK, "subdirectories of inode " + directory.inodeNr());
    }
  }

  /** A directory gets a subdirectory. */
  static void addDirectory(WritableInode directory) {
    int count = directory.raw().linkCount();
    boolean isUncounted = directory.has(InodeFlags.INDEX) && (count == UNCOUNTED || count >= MOST);
    directory.raw().setLinkCount(isUncounted ? UNCOUNTED : count + 1);
  }

  /** A directory loses a subdirectory. */
  static void removeDirectory(WritableInode directory) {
    int count = directory.raw().linkCount();
    if (count > OF_EMPTY_DIRECTORY) {
      directory.raw().setLinkCount(count - 1);
    }
  }
}
