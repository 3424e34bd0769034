package io.lamina.fuse;

import io.lamina.fs.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open {@code /dev/fuse} of one mount: requests come in, replies go out. For many threads. */
final class FuseDevice {
  private static final Logger LOG = LoggerFactory.getLogger(FuseDevice.class);
  private static final int EAGAIN = 11;

  private final int fd;
  private final LibC libc = NativeCode.libc();

  FuseDevice(int fd) {
    this.fd = fd;
  }

  /** A buffer and where it lies. */
  record Memory(ByteBuffer bytes, long address) {
    static Memory of(int byteCount) {
      ByteBuffer bytes = NativeCode.buffer(byteCount);
      return new Memory(bytes, NativeCode.address(bytes));
    }
  }

  /**
   * Waits for a request.
   *
   * @return whether there is one, in the buffer up to its limit; when not, the mount has ended
   */
  boolean receive(Memory request) throws IOException {
    ByteBuffer bytes = request.bytes().clear();
    while (true) {
      long byteCount = libc.read(fd, request.address(), bytes.capacity());
      if (byteCount > 0) {
        bytes.limit((int) byteCount);
        return true;
      }
      int errno = byteCount == 0 ? Errno.ENODEV.code() : NativeCode.lastErrno();
      if (errno == Errno.ENODEV.code()) {
        return false;
      }
      // ENOENT: the asker was interrupted before its request was taken up.
      if (errno != Errno.EINTR.code() && errno != Errno.ENOENT.code() && errno != EAGAIN) {
        throw new IOException("reading /dev/fuse: errno " + errno);
      }
    }
  }

  /** Sends what was not asked for; what it is about may be unknown to the kernel by now. */
  void send(ByteBuffer notice) {
    send(new Memory(notice, NativeCode.address(notice)), notice.capacity());
  }

  /** Sends a reply. An asker that is gone by now is no error. */
  void send(Memory reply, int byteCount) {
    long sent = libc.write(fd, reply.address(), byteCount);
    if (sent != byteCount) {
      int errno = NativeCode.lastErrno();
      if (errno != Errno.ENOENT.code() && errno != Errno.ENODEV.code()) {
        LOG.error("writing a reply of {} bytes to /dev/fuse: errno {}", byteCount, errno);
      }
    }
  }
}
