package io.lamina.mount;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import io.lamina.fs.AllocationMode;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A volume's raw content, opened for writing. As a block device it has an end: what goes beyond
 * finds no space. A hole that is punched, or a range that is zeroed, gives whole blocks back to the
 * pool, and writes zeroes to what it holds of others.
 */
final class WritableOpenDevice implements WritableFile, OpenDeviceReads {
  private final Node node;
  private final WritableDevice device;
  private final Runnable whenClosed;
  private final AtomicBoolean closed = new AtomicBoolean();

  WritableOpenDevice(Node node, WritableDevice device, Runnable whenClosed) {
    this.node = node;
    this.device = device;
    this.whenClosed = whenClosed;
  }

  @Override
  public WritableDevice device() {
    return device;
  }

  @Override
  public Node node() {
    return node;
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    long room = device.size() - offset;
    int byteCount = source.remaining();
    if (room < byteCount) {
      source.limit(source.position() + (int) Math.max(0, room));
    }
    naming(() -> device.write(offset, source));
    if (room < byteCount) {
      source.limit(source.position() + byteCount - (int) Math.max(0, room));
      throw new FsException(Errno.ENOSPC, "the end of " + node);
    }
  }

  /** A device does not grow. */
  @Override
  public long append(ByteBuffer source) throws IOException {
    throw new FsException(Errno.ENOSPC, "the end of " + node);
  }

  @Override
  public void truncate(long size) throws IOException {
    if (size != device.size()) {
      throw new FsException(Errno.EINVAL, node + ": its length is fixed");
    }
  }

  @Override
  public void allocate(long offset, long length, AllocationMode mode) throws IOException {
    if (mode == AllocationMode.EXTEND || mode == AllocationMode.KEEP_SIZE) {
      throw new FsException(Errno.EOPNOTSUPP, node + ": room is not taken in advance");
    }
    if (offset < 0 || length <= 0 || offset > device.size()) {
      throw new FsException(Errno.EINVAL, node + ": range at " + offset);
    }
    naming(() -> device.zero(offset, Math.min(length, device.size() - offset)));
  }

  @Override
  public void sync(boolean dataOnly) throws IOException {
    naming(device::flush);
  }

  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      whenClosed.run();
    }
  }

  /** Something done to the device. */
  private interface Use {
    void run() throws IOException;
  }

  private static void naming(Use use) throws IOException {
    try {
      use.run();
    } catch (OutOfSpaceException e) {
      throw new FsException(Errno.ENOSPC, String.valueOf(e.getMessage()));
    }
  }
}
