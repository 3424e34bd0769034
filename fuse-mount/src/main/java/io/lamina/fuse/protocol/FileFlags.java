package io.lamina.fuse.protocol;

import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What the two ioctls that {@code lsattr} and {@code xfs_io} use give.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/ioctl_iflags.2.html">ioctl_iflags(2)</a>
 */
public final class FileFlags {
  private static final int FSXATTR_BYTES = 28;

  /** Bits of the first ioctl, and the bit of the second that says the same. */
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

  /** The bytes of {@code FS_IOC_GETFLAGS}' int, or of {@code struct fsxattr}. */
  public static byte[] reply(Node node, boolean asFsxattr) throws IOException {
    int flags = node.flags();
    ByteBuffer bytes = ByteBuffer.allocate(asFsxattr ? FSXATTR_BYTES : Integer.BYTES);
    bytes.order(ByteOrder.nativeOrder()).putInt(0, asFsxattr ? fsxattrBits(flags) : flags);
    return bytes.array();
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
}
