package io.lamina.fuse.protocol;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Requests that change attributes and extended attributes. */
final class ChangeRequests {
  private static final int MODE = 1;
  private static final int UID = 1 << 1;
  private static final int GID = 1 << 2;
  private static final int SIZE = 1 << 3;
  private static final int ATIME = 1 << 4;
  private static final int MTIME = 1 << 5;
  private static final int ATIME_NOW = 1 << 7;
  private static final int MTIME_NOW = 1 << 8;
  private static final int KILL_SUIDGID = 1 << 11;

  private static final int ACL_KILL_SGID = 1;
  private static final int SETXATTR_IN_BYTES = 8;
  private static final int SETXATTR_IN_EXTENDED_BYTES = 16;

  private final NodeTable nodes;
  private final DirectFiles directFiles;

  /** Whether {@code SETXATTR} comes in its longer form. */
  private volatile boolean extendedSetxattr;

  ChangeRequests(NodeTable nodes, DirectFiles directFiles) {
    this.directFiles = directFiles;
    this.nodes = nodes;
  }

  void expectExtendedSetxattr(boolean extended) {
    extendedSetxattr = extended;
  }

  int setattr(Request request, ByteBuffer out) throws IOException {
    Node node = nodes.node(request.nodeId());
    AttributeChange change = change(request, node);
    if (!change.equals(AttributeChange.NONE)) {
      node.change(change);
    }
    Wire.attrOut(out, node.attributes(), !node.isVolatile());
    return Wire.ATTR_OUT_BYTES;
  }

  private static AttributeChange change(Request request, Node node) throws IOException {
    int valid = request.u32(0);
    return new AttributeChange(
        permissions(request, valid, node),
        has(valid, UID) ? Integer.toUnsignedLong(request.u32(76)) : null,
        has(valid, GID) ? Integer.toUnsignedLong(request.u32(80)) : null,
        has(valid, SIZE) ? request.u64(16) : null,
        has(valid, ATIME) ? time(request, has(valid, ATIME_NOW), 32, 56) : null,
        has(valid, MTIME) ? time(request, has(valid, MTIME_NOW), 40, 60) : null);
  }

  private static boolean has(int valid, int bit) {
    return (valid & bit) != 0;
  }

  /** The new ones, or what a new owner or a new length leaves of the old ones. */
  private static @Nullable Integer permissions(Request request, int valid, Node node)
      throws IOException {
    if (has(valid, MODE)) {
      return request.u32(68) & Request.PERMISSIONS;
    }
    if (!has(valid, UID | GID | KILL_SUIDGID)) {
      return null;
    }
    Attributes attributes = node.attributes();
    int left = Privileges.without(attributes);
    return left == attributes.permissions() ? null : left;
  }

  private static Timestamp time(Request request, boolean now, int secondsAt, int nanosAt) {
    if (!now) {
      return new Timestamp(request.u64(secondsAt), request.u32(nanosAt));
    }
    Instant instant = Instant.now();
    return new Timestamp(instant.getEpochSecond(), instant.getNano());
  }

  int setxattr(Request request) throws IOException {
    Node node = nodes.node(request.nodeId());
    int nameAt = extendedSetxattr ? SETXATTR_IN_EXTENDED_BYTES : SETXATTR_IN_BYTES;
    Name name = request.name(nameAt);
    byte[] value = request.copy(nameAt + name.byteCount() + 1, request.u32(0));
    node.setXattr(name, value, Xattrs.mode(request.u32(4)));
    DirectFiles.Use use = directFiles.use(request.nodeId());
    if (use != null && Privileges.isCapability(name)) {
      use.setCapable();
    }
    if (extendedSetxattr && has(request.u32(8), ACL_KILL_SGID)) {
      Privileges.dropSetGroupId(node);
    }
    return 0;
  }

  int removexattr(Request request) throws IOException {
    nodes.node(request.nodeId()).removeXattr(request.name(0));
    return 0;
  }
}
