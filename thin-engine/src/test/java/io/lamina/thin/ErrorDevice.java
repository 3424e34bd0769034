package io.lamina.thin;

import io.lamina.block.MemoryDevice;
import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * A device that fails: one request, or all from one on, of all the requests to devices that share
 * {@link Faults}. A write that fails has written a random part.
 */
final class ErrorDevice implements WritableDevice {
  /** When requests fail. */
  static final class Faults {
    private final long first;
    private final long last;
    private final Random random;
    private long count;
    private boolean hasStruck;

    /** None fails, but they are counted. */
    Faults() {
      this(Long.MAX_VALUE, Long.MAX_VALUE, new Random(0));
    }

    /** Requests {@code first} to {@code last} fail, counted from 0. */
    Faults(long first, long last, Random random) {
      this.first = first;
      this.last = last;
      this.random = random;
    }

    synchronized boolean next() {
      boolean fails = nextOfDiscards();
      hasStruck |= fails;
      return fails;
    }

    /** Of requests that change nothing if they fail, so that nobody needs to be told. */
    synchronized boolean nextOfDiscards() {
      long mine = count++;
      return mine >= first && mine <= last;
    }

    synchronized long count() {
      return count;
    }

    synchronized boolean haveStruck() {
      return hasStruck;
    }

    synchronized int part(int byteCount) {
      return random.nextInt(byteCount + 1) / 512 * 512;
    }
  }

  private final MemoryDevice device;
  private final Faults faults;

  /** A device over an array, which is not copied. */
  ErrorDevice(byte[] content, Faults faults, String name) {
    this.device = new MemoryDevice(content, name);
    this.faults = faults;
  }

  @Override
  public long size() {
    return device.size();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    failFor("read");
    device.read(offset, target);
  }

  @Override
  public void write(long offset, ByteBuffer source) throws IOException {
    if (faults.next()) {
      int limit = source.limit();
      source.limit(source.position() + faults.part(source.remaining()));
      device.write(offset, source);
      source.limit(limit);
      throw new IOException(name() + ": write at " + offset + ": Input/output error");
    }
    device.write(offset, source);
  }

  @Override
  public void flush() throws IOException {
    failFor("flush");
  }

  private void failFor(String what) throws IOException {
    if (faults.next()) {
      throw new IOException(name() + ": " + what + ": Input/output error");
    }
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    if (faults.nextOfDiscards()) {
      throw new IOException(name() + ": discard: Input/output error");
    }
    device.discard(offset, length);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    failFor("zero");
    device.zero(offset, length);
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public void close() {}
}
