package io.lamina.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes in memory. What is done to the array shows in the device. */
public final class MemoryDevice implements WritableDevice {
  private final byte[] bytes;
  private final String name;

  /** A device over an array, which is not copied. */
  public MemoryDevice(byte[] bytes, String name) {
    this.bytes = bytes;
    this.name = name;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    Ranges.check(this, offset, target.remaining());
    target.put(bytes, (int) offset, target.remaining());
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    Ranges.check(this, offset, source.remaining());
    source.get(bytes, (int) offset, source.remaining());
  }

  @Override
  public void flush() {}

  @Override
  public void discard(long offset, long length) throws IOException {
    zero(offset, length);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    Ranges.check(this, offset, length);
    Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {}
}
