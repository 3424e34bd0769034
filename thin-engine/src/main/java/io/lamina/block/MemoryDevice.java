package io.lamina.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes in memory. What is done to the array shows in the device. */
public final class MemoryDevice implements BlockDevice {
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
  public String name() {
    return name;
  }

  @Override
  public void close() {}
}
