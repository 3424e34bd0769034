package io.lamina.fuse.protocol;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Requests about what is in a file or directory: open, read, write, seek, sync, list. */
final class ContentRequests {
  private static final int WRITE_IN_BYTES = 40;
  private static final int WRITE_OUT_BYTES = 8;
  private static final int WRITE_KILL_SUIDGID = 1 << 2;
  private static final int OPEN_KILL_SUIDGID = 1;
  private static final int FSYNC_FDATASYNC = 1;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;

  /** So that one copy does not keep a thread for long. */
  private static final long MAX_COPY_BYTES = 16 << 20;

  private final FileTree tree;
  private final NodeTable nodes;
  private final Problems problems;
  private final Handles handles;
  private final Notices notices;
  private final DirectFiles directFiles;

  ContentRequests(
      FileTree tree,
      NodeTable nodes,
      Handles handles,
      DirectFiles directFiles,
      Problems problems,
      Notices notices) {
    this.notices = notices;
    this.directFiles = directFiles;
    this.tree = tree;
    this.nodes = nodes;
    this.handles = handles;
    this.problems = problems;
  }

  int open(Request request, ByteBuffer out) throws IOException {
    Node node = nodes.node(request.nodeId());
    OpenFile file = Opening.open(node, request.u32(0));
    if ((request.u32(4) & OPEN_KILL_SUIDGID) != 0) {
      dropPrivileges(request, node);
    }
    boolean direct = directFiles.opened(request.nodeId()) || node.isVolatile();
    Wire.openOut(out, 0, handles.add(file), direct);
    return Wire.OPEN_OUT_BYTES;
  }

  int release(Request request) throws IOException {
    long handle = request.u64(0);
    if (directFiles.released(request.nodeId(), handle)) {
      contentChanged(request.nodeId(), 0, 0);
    }
    handles.close(handle);
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

  /** Straight from the request's own bytes. What did not fit is told by a smaller count. */
  int write(Request request, ByteBuffer out) throws IOException {
    WritableFile file = handles.getWritable(request.u64(0));
    ByteBuffer source = request.data(WRITE_IN_BYTES, request.u32(16));
    if ((request.u32(20) & WRITE_KILL_SUIDGID) != 0) {
      dropPrivileges(request, file.node());
    }
    long offset = request.u64(8);
    DirectFiles.Use use = directFiles.use(request.nodeId());
    if (use != null && use.mayBeCapable()) {
      Privileges.dropCapability(file.node());
    }
    int byteCount = Writes.write(file, offset, source, request.u32(32));
    if (use != null && use.isShared()) {
      contentChanged(request.nodeId(), offset, byteCount);
    }
    return written(out, byteCount);
  }

  /** What is mapped of a range (of 0 bytes: to the end) is to be read again. */
  private void contentChanged(long nodeId, long offset, long byteCount) {
    notices.sendLater(() -> List.of(Notice.contentChanged(nodeId, offset, byteCount)));
  }

  /** The kernel takes the mode for what it was, unless it is told. */
  private void dropPrivileges(Request request, Node node) throws IOException {
    if (Privileges.drop(node)) {
      notices.send(Notice.attributesChanged(request.nodeId()));
    }
  }

  private static int written(ByteBuffer out, int byteCount) {
    out.clear().putLong(0, byteCount);
    return WRITE_OUT_BYTES;
  }

  /** The reply's own room is what the bytes go through. */
  int copyRange(Request request, ByteBuffer out) throws IOException {
    OpenFile from = handles.get(request.u64(0));
    WritableFile to = handles.getWritable(request.u64(24));
    long fromOffset = request.u64(8);
    long toOffset = request.u64(32);
    long wanted = Math.min(request.u64(40), MAX_COPY_BYTES);
    int done = 0;
    while (done < wanted) {
      out.clear().limit((int) Math.min(out.capacity(), wanted - done));
      if (from.read(fromOffset + done, out) == 0) {
        break;
      }
      out.flip();
      int copied = copied(to, toOffset + done, out, done == 0);
      done += copied;
      if (copied < out.limit()) {
        break;
      }
    }
    return written(out, done);
  }

  /** What went wrong after a part was copied is for the next request to meet. */
  private static int copied(WritableFile to, long offset, ByteBuffer bytes, boolean isFirst)
      throws IOException {
    try {
      return Writes.write(to, offset, bytes, 0);
    } catch (FsException e) {
      if (isFirst) {
        throw e;
      }
      return 0;
    }
  }

  int fallocate(Request request) throws IOException {
    AllocationMode mode = Allocation.mode(request.u32(24));
    handles.getWritable(request.u64(0)).allocate(request.u64(8), request.u64(16), mode);
    return 0;
  }

  /** Of a file that is open for reading only, its whole tree is synced: it is asked for rarely. */
  int fsync(Request request) throws IOException {
    if (handles.get(request.u64(0)) instanceof WritableFile file) {
      file.sync((request.u32(8) & FSYNC_FDATASYNC) != 0);
    } else {
      tree.sync(nodes.node(request.nodeId()));
    }
    return 0;
  }

  int fsyncDirectory(Request request) throws IOException {
    nodes.node(request.nodeId()).sync();
    return 0;
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
}
