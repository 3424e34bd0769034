package io.lamina.ext4.format;

/**
 * The flags of an inode that change how it is read, and which of them a person may see.
 *
 * @see <a href="https://www.kernel.org/doc/html/latest/filesystems/ext4/inodes.html">Index
 *     nodes</a>
 */
public final class InodeFlags {
  /** It cannot be changed. */
  public static final int IMMUTABLE = 0x10;

  /** It can only become longer; a directory, get more names. */
  public static final int APPEND = 0x20;

  /** Reading leaves the access time as it is. */
  public static final int NO_ACCESS_TIME = 0x80;

  /** Content and names are encrypted. */
  public static final int ENCRYPT = 0x800;

  /** A directory with hash tree. */
  public static final int INDEX = 0x1000;

  /** The count of sectors counts blocks. */
  public static final int HUGE_FILE = 0x4_0000;

  /** The block map is a tree of extents. */
  public static final int EXTENTS = 0x8_0000;

  /** It holds the value of an extended attribute. */
  public static final int EA_INODE = 0x20_0000;

  /** The content lies in the inode itself. */
  public static final int INLINE_DATA = 0x1000_0000;

  /** New files inherit the project. */
  public static final int PROJECT_INHERIT = 0x2000_0000;

  /** Names of the directory are looked up without regard to case. */
  public static final int CASEFOLD = 0x4000_0000;

  /** What {@code FS_IOC_GETFLAGS} shows. */
  public static final int USER_VISIBLE = 0x725b_dfff;

  /** What {@code FS_IOC_SETFLAGS} changes. */
  public static final int USER_MODIFIABLE = 0x0003_c0ff;

  private static final int INHERITED = 0x0001_c4cf;
  private static final int DIRECTORIES_ONLY = 0x0003_0000;
  private static final int OF_OTHERS = 0xc0;

  /** What a new directory takes over from its own. */
  public static int inheritedByDirectory(int parentFlags) {
    return parentFlags & INHERITED;
  }

  /** What a new file takes over from its directory. */
  public static int inheritedByFile(int parentFlags) {
    return parentFlags & INHERITED & ~DIRECTORIES_ONLY;
  }

  /** What a new symbolic link, device, fifo or socket takes over from its directory. */
  public static int inheritedByOthers(int parentFlags) {
    return parentFlags & INHERITED & OF_OTHERS;
  }

  private InodeFlags() {}
}
