package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Requests about what is in a file or directory: open, read, seek, release, list. */
final class ContentRequests {
  private static final int OPEN_OUT_BYTES = 16;
  private static final int O_ACCMODE = 3;
  private static final int FOPEN_DIRECT_IO = 1;
  private static final int FOPEN_KEEP_CACHE = 1 << 1;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  private final NodeTable nodes;
  private final Problems problems;
  private final Handles handles = new Handles();

  ContentRequests(NodeTable nodes, Problems problems) {
    this.nodes = nodes;
    this.problems = problems;
  }

  int open(Request request, ByteBuffer out) throws IOException {
    if ((request.u32(0) & O_ACCMODE) != 0) {
      return -Errno.EROFS.code();
    }
    Node node = nodes.node(request.nodeId());
    long handle = handles.add(node.open());
    out.putLong(0, handle);
    out.putInt(8, node.isVolatile() ? FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE);
    out.putInt(12, 0);
    return OPEN_OUT_BYTES;
  }

  int release(Request request) throws IOException {
    handles.close(request.u64(0));
    return 0;
  }

  int read(Request request, ByteBuffer out) throws IOException {
    OpenFile file = handles.get(request.u64(0));
    int askedBytes = request.u32(16);
    if (askedBytes < 0) {
      return -Errno.EINVAL.code();
    }
    out.limit(Math.min(askedBytes, out.capacity()));
    return file.read(request.u64(8), out);
  }

  int lseek(Request request, ByteBuffer out) throws IOException {
    OpenFile file = handles.get(request.u64(0));
    long offset = request.u64(8);
    int whence = request.u32(16);
    long size = file.size();
    if (offset < 0 || offset >= size) {
      throw new FsException(Errno.ENXIO, "offset " + offset);
    }
    long found;
    switch (whence) {
      case SEEK_DATA -> found = file.nextData(offset);
      case SEEK_HOLE -> found = Math.min(file.nextHole(offset), size);
      default -> {
        return -Errno.EINVAL.code();
      }
    }
    if (whence == SEEK_DATA && found >= size) {
      throw new FsException(Errno.ENXIO, "offset " + offset);
    }
    out.putLong(0, found);
    return Long.BYTES;
  }

  int readdir(Request request, ByteBuffer out, boolean plus) throws IOException {
    Node directory = nodes.node(request.nodeId());
    long inodeNr = directory.attributes().inodeNr();
    long parentInodeNr = nodes.parentInodeNr(request.nodeId());
    int capacity = Math.min(request.u32(16), out.capacity());
    DirectoryReply page = new DirectoryReply(out, capacity, plus);
    page.collect(directory, request.u64(8), inodeNr, parentInodeNr == 0 ? inodeNr : parentInodeNr);
    return page.write(directory, inodeNr, nodes, problems);
  }

  void close() {
    handles.closeAll();
  }
}
