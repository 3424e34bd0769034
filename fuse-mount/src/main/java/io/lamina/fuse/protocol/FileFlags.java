package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The ioctls that {@code lsattr}, {@code chattr} and {@code xfs_io} use.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/ioctl_iflags.2.html">ioctl_iflags(2)</a>
 */
public final class FileFlags {
  private static final int FS_IOC_GETFLAGS = 0x80086601;
  private static final int FS_IOC_SETFLAGS = 0x40086602;
  private static final int FS_IOC_GETVERSION = 0x80087601;
  private static final int EXT4_IOC_GETVERSION = 0x80086603;
  private static final int FS_IOC_FSGETXATTR = 0x801c581f;
  private static final int FS_IOC_FSSETXATTR = 0x401c5820;
  private static final int FSXATTR_BYTES = 28;
  private static final int FSX_PROJID = 12;

  /** Of the longest argument. */
  public static final int MAX_BYTES = FSXATTR_BYTES;

  /** Bits of the first pair, and the bit of the second that says the same. */
  private static final int[][] SAME_BITS = {
    {0x8, 0x20}, // synchronous
    {0x10, 0x8}, // immutable
    {0x20, 0x10}, // append-only
    {0x40, 0x80}, // not dumped
    {0x80, 0x40}, // no access time
    {0x0200_0000, 0x8000}, // direct access
    {0x2000_0000, 0x200}, // project inherited
  };

  private FileFlags() {}

  /** Whether a command asks for flags, or for what is told beside them. */
  public static boolean isGetting(int command) {
    return command == FS_IOC_GETFLAGS || command == FS_IOC_FSGETXATTR || isVersion(command);
  }

  /** Whether a command asks for an inode's generation. */
  public static boolean isVersion(int command) {
    return command == FS_IOC_GETVERSION || command == EXT4_IOC_GETVERSION;
  }

  /** Whether a command changes flags. */
  public static boolean isSetting(int command) {
    return command == FS_IOC_SETFLAGS || command == FS_IOC_FSSETXATTR;
  }

  /**
   * The bytes of {@code struct fsxattr}, or of an int: though the commands' numbers tell a long, no
   * file system gives more.
   */
  public static byte[] reply(Node node, int command) throws IOException {
    if (command == FS_IOC_FSGETXATTR) {
      ByteBuffer bytes = ByteBuffer.allocate(FSXATTR_BYTES).order(ByteOrder.nativeOrder());
      bytes.putInt(0, fsxattrBits(node.flags())).putInt(FSX_PROJID, node.projectId());
      return bytes.array();
    }
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
    return bytes.putInt(isVersion(command) ? node.version() : node.flags()).array();
  }

  /** Does what a command that changes flags says. */
  public static void set(Node node, ByteBuffer argument, int command) throws IOException {
    boolean asFsxattr = command == FS_IOC_FSSETXATTR;
    if (argument.remaining() < (asFsxattr ? FSXATTR_BYTES : Integer.BYTES)) {
      throw new FsException(Errno.EINVAL, "flags");
    }
    int bits = argument.order(ByteOrder.nativeOrder()).getInt(0);
    node.setFlags(asFsxattr ? withFsxattrBits(node.flags(), bits) : bits);
  }

  private static int fsxattrBits(int flags) {
    int bits = 0;
    for (int[] same : SAME_BITS) {
      if ((flags & same[0]) != 0) {
        bits |= same[1];
      }
    }
    return bits;
  }

  private static int withFsxattrBits(int flags, int bits) {
    int changed = flags;
    for (int[] same : SAME_BITS) {
      changed = (bits & same[1]) != 0 ? changed | same[0] : changed & ~same[0];
    }
    return changed;
  }
}
