package io.lamina.thin;

import io.lamina.block.WritableDevice;
import io.lamina.block.Zeroes;
import java.nio.ByteBuffer;

/** A large data device for tests of metadata: forgets what is written, reads zeroes. */
class NoDataDevice implements WritableDevice {
  private final long size;

  NoDataDevice(long size) {
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer target) {
    Zeroes.put(target, target.remaining());
  }

  @Override
  public void write(long offset, ByteBuffer source) {
    source.position(source.limit());
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void zero(long offset, long length) {}

  @Override
  public String name() {
    return "data";
  }

  @Override
  public void close() {}
}
