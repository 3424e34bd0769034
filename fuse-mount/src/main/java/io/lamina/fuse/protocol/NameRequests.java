package io.lamina.fuse.protocol;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Requests that make files and change their names. */
final class NameRequests {
  private static final int RENAME_IN_BYTES = 8;
  private static final int RENAME2_IN_BYTES = 16;
  private static final int RENAME_NOREPLACE = 1;
  private static final int RENAME_EXCHANGE = 2;
  private static final int CREATE_OUT_BYTES = Wire.ENTRY_OUT_BYTES + Wire.OPEN_OUT_BYTES;

  private final NodeTable nodes;
  private final Handles handles;
  private final DirectFiles directFiles;

  NameRequests(NodeTable nodes, Handles handles, DirectFiles directFiles) {
    this.directFiles = directFiles;
    this.nodes = nodes;
    this.handles = handles;
  }

  /** Makes a file and opens it, or opens the one that came in between. */
  int create(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    int flags = request.u32(0);
    Name name = request.name(16);
    NewFile wanted = newRegular(request);
    try {
      Node made = directory.create(name, wanted);
      OpenFile file = Opening.open(made, flags & ~Opening.O_TRUNC);
      int byteCount = opened(made, file, Opening.isWriteOnly(flags), out);
      nodes.named(request.nodeId(), name);
      return byteCount;
    } catch (FsException e) {
      Node found = e.errno() == Errno.EEXIST ? directory.child(name) : null;
      if (found == null || (flags & Opening.O_EXCL) != 0) {
        throw e;
      }
      return opened(found, Opening.open(found, flags), false, out);
    }
  }

  int createUnnamed(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    WritableFile file = directory.createUnnamed(newRegular(request));
    int byteCount = opened(file.node(), file, false, out);
    nodes.keep(file.node());
    return byteCount;
  }

  private static NewFile newRegular(Request request) {
    return request.newFile(FileType.REGULAR, request.u32(4), request.u32(8), 0, 0);
  }

  private int opened(Node node, OpenFile file, boolean writesNew, ByteBuffer out)
      throws IOException {
    long nodeId;
    try {
      nodeId = entry(node, 0, out);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    long handle = handles.add(file);
    boolean direct = writesNew ? directFiles.made(nodeId, handle) : directFiles.opened(nodeId);
    Wire.openOut(out, Wire.ENTRY_OUT_BYTES, handle, direct || node.isVolatile());
    return CREATE_OUT_BYTES;
  }

  int mknod(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    int mode = request.u32(0);
    int device = request.u32(4);
    NewFile file =
        request.newFile(
            type(mode), mode, request.u32(8), Wire.majorNumber(device), Wire.minorNumber(device));
    Name name = request.name(16);
    return named(request, name, directory.create(name, file), out);
  }

  private static FileType type(int mode) throws FsException {
    for (FileType type : FileType.values()) {
      if (type.modeBits() == (mode & FileType.MODE_MASK)
          && type != FileType.DIRECTORY
          && type != FileType.SYMLINK) {
        return type;
      }
    }
    throw new FsException(Errno.EINVAL, "mknod of mode " + Integer.toOctalString(mode));
  }

  int mkdir(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    NewFile file = request.newFile(FileType.DIRECTORY, request.u32(0), request.u32(4), 0, 0);
    Node made = directory.create(request.name(8), file);
    entry(made, directory.attributes().inodeNr(), out);
    return Wire.ENTRY_OUT_BYTES;
  }

  int symlink(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    Name target = request.secondName(0);
    Name name = request.name(0);
    return named(request, name, directory.createSymlink(name, target, request.owner()), out);
  }

  int link(Request request, ByteBuffer out) throws IOException {
    Node directory = nodes.node(request.nodeId());
    Node file = nodes.node(request.u64(0));
    Name name = request.name(8);
    directory.link(name, file);
    return named(request, name, file, out);
  }

  /** Tells the kernel of a new name of a file that is no directory. */
  private int named(Request request, Name name, Node node, ByteBuffer out) throws IOException {
    nodes.named(request.nodeId(), name);
    entry(node, 0, out);
    return Wire.ENTRY_OUT_BYTES;
  }

  /** Tells the kernel of a file, which counts as a lookup; gives its number there. */
  private long entry(Node node, long parentInodeNr, ByteBuffer out) throws IOException {
    Attributes attributes = node.attributes();
    long id = nodes.lookUp(node, parentInodeNr);
    Wire.entryOut(out, 0, id, attributes, !node.isVolatile());
    return id;
  }

  int unlink(Request request) throws IOException {
    Node directory = nodes.node(request.nodeId());
    Name name = request.name(0);
    nodes.keep(directory.child(name));
    directory.unlink(name);
    return 0;
  }

  int rmdir(Request request) throws IOException {
    Node directory = nodes.node(request.nodeId());
    Name name = request.name(0);
    nodes.keep(directory.child(name));
    directory.removeDirectory(name);
    return 0;
  }

  int rename(Request request) throws IOException {
    return rename(request, RENAME_IN_BYTES, RenameMode.REPLACE);
  }

  int rename2(Request request) throws IOException {
    return rename(request, RENAME2_IN_BYTES, renameMode(request.u32(8)));
  }

  private static RenameMode renameMode(int flags) throws FsException {
    return switch (flags) {
      case 0 -> RenameMode.REPLACE;
      case RENAME_NOREPLACE -> RenameMode.NO_REPLACE;
      case RENAME_EXCHANGE -> RenameMode.EXCHANGE;
      default -> throw new FsException(Errno.EINVAL, "rename with flags " + flags);
    };
  }

  private int rename(Request request, int namesAt, RenameMode mode) throws IOException {
    Node from = nodes.node(request.nodeId());
    Node to = nodes.node(request.u64(0));
    Name name = request.name(namesAt);
    Name newName = request.secondName(namesAt);
    nodes.keep(to.child(newName)); // it may lose this name
    from.rename(name, to, newName, mode);
    if (!from.equals(to)) {
      moved(to, newName);
      if (mode == RenameMode.EXCHANGE) {
        moved(from, name);
      }
    }
    return 0;
  }

  /** A directory's {@code ..} is another now. */
  private void moved(Node directory, Name name) throws IOException {
    Node moved = directory.child(name);
    if (moved != null) {
      nodes.moved(moved, directory.attributes().inodeNr());
    }
  }
}
