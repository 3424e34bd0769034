package io.lamina.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A range of another device. Closing it closes nothing: the other device has its own owner. */
public final class SubDevice implements BlockDevice {
  private final BlockDevice whole;
  private final long start;
  private final long size;
  private final String name;

  /**
   * A range, with a name of its own.
   *
   * @throws IOException when it does not lie within the other device
   */
  public SubDevice(BlockDevice whole, long start, long size, String name) throws IOException {
    Ranges.check(whole, start, size);
    this.whole = whole;
    this.start = start;
    this.size = size;
    this.name = name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    Ranges.check(this, offset, target.remaining());
    whole.read(start + offset, target);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return offset >= size ? size : Math.min(size, whole.nextData(start + offset) - start);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return offset >= size ? size : Math.min(size, whole.nextHole(start + offset) - start);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {}
}
