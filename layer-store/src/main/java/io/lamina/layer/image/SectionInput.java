package io.lamina.layer.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads a range of a file; what is skipped is not read. Closing it leaves the file open. */
final class SectionInput extends InputStream {
  private final FileChannel file;
  private final long end;
  private long position;

  SectionInput(FileChannel file, long start, long end) {
    this.file = file;
    this.position = start;
    this.end = end;
  }

  /** Where in the file it stands. */
  long position() {
    return position;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    int wanted = (int) Math.min(length, end - position);
    int count = wanted == 0 ? -1 : file.read(ByteBuffer.wrap(target, from, wanted), position);
    if (count > 0) {
      position += count;
    }
    return count;
  }

  @Override
  public long skip(long byteCount) {
    long skipped = Math.max(0, Math.min(byteCount, end - position));
    position += skipped;
    return skipped;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, end - position);
  }
}
