package io.lamina.fuse.protocol;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Requests about a file as a whole: lookup, attributes, links, extended attributes. */
final class NodeRequests {
  private static final int GETXATTR_IN_BYTES = 8;
  private static final int GETXATTR_OUT_BYTES = 8;

  private final FileTree tree;
  private final NodeTable nodes;

  NodeRequests(FileTree tree, NodeTable nodes) {
    this.tree = tree;
    this.nodes = nodes;
  }

  int lookup(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    Name name = request.name(0);
    Node node = directory.child(name);
    if (node == null) {
      Wire.noEntryOut(out, 0, directory.isVolatile() ? 0 : Wire.LASTING_SECONDS);
      return Wire.ENTRY_OUT_BYTES;
    }
    Attributes attributes = node.attributes();
    long parentInodeNr = attributes.isDirectory() ? directory.attributes().inodeNr() : 0;
    long id = nodes.lookUp(node, parentInodeNr);
    if (!attributes.isDirectory()) {
      nodes.named(request.nodeId(), name);
    }
    Wire.entryOut(out, 0, id, attributes, !node.isVolatile());
    return Wire.ENTRY_OUT_BYTES;
  }

  int forget(Request request) {
    nodes.forget(request.nodeId(), request.u64(0));
    return Server.NO_REPLY;
  }

  int batchForget(Request request) {
    int count = request.u32(0);
    for (int i = 0; i < count; i++) {
      nodes.forget(request.u64(8 + i * 16), request.u64(16 + i * 16));
    }
    return Server.NO_REPLY;
  }

  int getattr(Request request, ByteBuffer out) throws IOException {
    Node node = nodes.node(request.nodeId());
    Wire.attrOut(out, node.attributes(), !node.isVolatile());
    return Wire.ATTR_OUT_BYTES;
  }

  int readlink(Request request, ByteBuffer out) throws IOException {
    byte[] target = nodes.node(request.nodeId()).readLink().bytes();
    if (target.length >= Server.PAGE_BYTES) {
      throw new FsException(Errno.ENAMETOOLONG, "target of a symbolic link");
    }
    out.put(0, target);
    return target.length;
  }

  int statfs(Request request, ByteBuffer out) throws IOException {
    Wire.statfs(out, tree.space(nodes.node(request.nodeId())));
    return Wire.STATFS_BYTES;
  }

  int getxattr(Request request, ByteBuffer out) throws IOException {
    Name name = request.name(GETXATTR_IN_BYTES);
    byte[] value = nodes.node(request.nodeId()).xattr(name);
    if (value == null) {
      return -Errno.ENODATA.code();
    }
    return xattrReply(request, value, out);
  }

  int listxattr(Request request, ByteBuffer out) throws IOException {
    byte[] names = Xattrs.list(nodes.node(request.nodeId()).xattrNames(), request.userId() == 0);
    return xattrReply(request, names, out);
  }

  /** Asked for 0 bytes, the size; else the bytes, if they fit. */
  private static int xattrReply(Request request, byte[] value, ByteBuffer out) {
    int askedBytes = request.u32(0);
    if (askedBytes == 0) {
      out.putLong(0, value.length);
      return GETXATTR_OUT_BYTES;
    }
    if (value.length > askedBytes) {
      return -Errno.ERANGE.code();
    }
    out.put(0, value);
    return value.length;
  }
}
