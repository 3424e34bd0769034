package io.lamina.ext4;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.OpenFile;
import java.nio.ByteBuffer;

/** The content of a file that lies in its inode; zeroes where its size says more than is there. */
final class InlineFile implements OpenFile {
  private final ByteBuffer bytes;
  private final long size;

  InlineFile(ByteBuffer bytes, long size) {
    this.bytes = bytes;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(long offset, ByteBuffer target) throws FsException {
    requireOffset(offset);
    int length = (int) Math.min(target.remaining(), Math.max(0, size - offset));
    int stored = (int) Math.min(length, Math.max(0, bytes.limit() - offset));
    if (stored > 0) {
      target.put(bytes.slice((int) offset, stored));
    }
    for (int i = stored; i < length; i++) {
      target.put((byte) 0);
    }
    return length;
  }

  @Override
  public long nextData(long offset) throws FsException {
    requireOffset(offset);
    return Math.min(offset, size);
  }

  @Override
  public long nextHole(long offset) throws FsException {
    requireOffset(offset);
    return size;
  }

  private void requireOffset(long offset) throws FsException {
    if (offset < 0) {
      throw new FsException(Errno.EINVAL, "offset " + offset);
    }
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
