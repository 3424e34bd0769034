package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.ByteBuffer;

/** {@code ioctl}: a file's flags, and {@code FITRIM}. */
final class ControlRequests {
  private static final int IOCTL_IN_BYTES = 32;
  private static final int IOCTL_OUT_BYTES = 16;
  private static final int FITRIM = 0xc0185879;
  private static final int TRIM_RANGE_BYTES = 24;

  private final FileTree tree;
  private final NodeTable nodes;
  private final ServerOptions options;

  ControlRequests(FileTree tree, NodeTable nodes, ServerOptions options) {
    this.tree = tree;
    this.nodes = nodes;
    this.options = options;
  }

  int ioctl(Request request, ByteBuffer out) throws IOException {
    Node node = nodes.node(request.nodeId());
    int command = request.u32(12);
    if (command == FITRIM) {
      return trim(request, node, out);
    }
    if (FileFlags.isSetting(command)) {
      FileFlags.set(node, request.data(IOCTL_IN_BYTES, request.u32(24)), command);
      return reply(out, new byte[0]);
    }
    if (!FileFlags.isGetting(command)) {
      return -Errno.ENOTTY.code();
    }
    byte[] result = FileFlags.reply(node, command);
    return request.u32(28) < result.length ? -Errno.EINVAL.code() : reply(out, result);
  }

  private static int reply(ByteBuffer out, byte[] result) {
    out.putLong(0, 0);
    out.putLong(8, 0);
    out.put(IOCTL_OUT_BYTES, result);
    return IOCTL_OUT_BYTES + result.length;
  }

  /** {@code struct fstrim_range}: where, how far, the shortest run; comes back with what it did. */
  private int trim(Request request, Node node, ByteBuffer out) throws IOException {
    if (request.userId() != 0 && request.userId() != options.ownUserId()) {
      throw new FsException(Errno.EPERM, "trim");
    }
    if (request.u32(24) < TRIM_RANGE_BYTES || request.u32(28) < TRIM_RANGE_BYTES) {
      return -Errno.EINVAL.code();
    }
    long offset = request.u64(IOCTL_IN_BYTES);
    long length = request.u64(IOCTL_IN_BYTES + 8);
    long minimum = request.u64(IOCTL_IN_BYTES + 16);
    long told = tree.trim(node, atMost(offset), atMost(length), atMost(minimum));
    byte[] range = request.copy(IOCTL_IN_BYTES, TRIM_RANGE_BYTES);
    int byteCount = reply(out, range);
    out.putLong(IOCTL_OUT_BYTES + 8, told);
    return byteCount;
  }

  /** The largest number stands for everything, and is negative here. */
  private static long atMost(long unsigned) {
    return unsigned < 0 ? Long.MAX_VALUE : unsigned;
  }
}
