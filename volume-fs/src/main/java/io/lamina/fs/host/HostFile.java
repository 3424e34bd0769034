package io.lamina.fs.host;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/** The content of one file of the host, opened. */
final class HostFile implements WritableFile {
  private final HostNode node;
  private final TreeCalls calls;
  private final int fd;
  private final Node.Hold hold;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Takes over an open descriptor and what keeps the file findable meanwhile. */
  HostFile(HostNode node, int fd, Node.Hold hold) {
    this.node = node;
    this.calls = node.tree().calls();
    this.fd = fd;
    this.hold = hold;
  }

  @Override
  public Node node() {
    return node;
  }

  @Override
  public long size() throws IOException {
    return calls.stat(fd).attributes().size();
  }

  @Override
  public int read(long offset, ByteBuffer target) throws IOException {
    return calls.read(fd, offset, target);
  }

  @Override
  public long nextData(long offset) throws IOException {
    long found = orCannotTell(calls::nextData, offset, offset);
    return found < 0 ? Math.max(size(), offset) : found;
  }

  @Override
  public long nextHole(long offset) throws IOException {
    long size = size();
    long found = orCannotTell(calls::nextHole, offset, size);
    return found < 0 ? Math.max(size, offset) : found;
  }

  /** Some file systems do not tell holes: all is data there. */
  private long orCannotTell(Seek seek, long offset, long otherwise) throws IOException {
    try {
      return seek.from(fd, offset);
    } catch (FsException e) {
      if (e.errno() == Errno.EINVAL || e.errno() == Errno.EOPNOTSUPP) {
        return offset < size() ? otherwise : -1;
      }
      throw e;
    }
  }

  private interface Seek {
    long from(int fd, long offset) throws IOException;
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    calls.write(fd, offset, source);
  }

  @Override
  public long append(ByteBuffer source) throws IOException {
    synchronized (node) {
      long end = size();
      calls.write(fd, end, source);
      return end;
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    calls.setSizeOfOpen(fd, size);
  }

  @Override
  public void allocate(long offset, long length, AllocationMode mode) throws IOException {
    int flags =
        switch (mode) {
          case EXTEND -> 0;
          case KEEP_SIZE -> 1;
          case PUNCH_HOLE -> 3;
          case ZERO_RANGE -> 0x10;
          case ZERO_RANGE_KEEP_SIZE -> 0x11;
        };
    calls.allocate(fd, flags, offset, length);
  }

  @Override
  public void sync(boolean dataOnly) throws IOException {
    calls.sync(fd, dataOnly);
  }

  @Override
  public void close() throws IOException {
    if (open.getAndSet(false)) {
      try {
        calls.close(fd);
      } finally {
        hold.close();
      }
    }
  }
}
