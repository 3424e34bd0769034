package io.lamina.thin;

import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A device in memory whose power can be cut: what was flushed stays, of what was written since then
 * a random part does. After a given number of flushes, of all devices that share a {@link Power},
 * nothing works any more.
 */
final class CrashingDevice implements WritableDevice {
  private static final int SECTOR_BYTES = 512;

  /** What several devices are plugged into. */
  static final class Power {
    private int flushesLeft;

    Power(int flushesLeft) {
      this.flushesLeft = flushesLeft;
    }

    synchronized void check() throws IOException {
      if (flushesLeft < 0) {
        throw new IOException("power cut");
      }
    }

    synchronized void flush() throws IOException {
      flushesLeft--;
      check();
    }

    synchronized boolean isCut() {
      return flushesLeft < 0;
    }
  }

  private static final class Write {
    private final long offset;
    private final byte[] bytes;

    Write(long offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  private final byte[] stable;
  private final byte[] seen;
  private final List<Write> since = new ArrayList<>();
  private final Power power;
  private final String name;

  CrashingDevice(byte[] content, Power power, String name) {
    this.stable = content.clone();
    this.seen = content.clone();
    this.power = power;
    this.name = name;
  }

  @Override
  public long size() {
    return seen.length;
  }

  @Override
  public synchronized void read(long offset, ByteBuffer target) throws IOException {
    power.check();
    target.put(seen, (int) offset, target.remaining());
  }

  @Override
  public synchronized void write(long offset, ByteBuffer source) throws IOException {
    power.check();
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    System.arraycopy(bytes, 0, seen, (int) offset, bytes.length);
    since.add(new Write(offset, bytes));
  }

  @Override
  public synchronized void flush() throws IOException {
    power.flush();
    System.arraycopy(seen, 0, stable, 0, seen.length);
    since.clear();
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    zero(offset, length);
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    write(offset, ByteBuffer.allocate((int) length));
  }

  /** What a machine finds after the cut: each sector written since the last flush, or not. */
  synchronized byte[] afterCut(Random random) {
    byte[] found = stable.clone();
    for (Write write : since) {
      for (int at = 0; at < write.bytes.length; at += SECTOR_BYTES) {
        if (random.nextBoolean()) {
          System.arraycopy(
              write.bytes,
              at,
              found,
              (int) write.offset + at,
              Math.min(SECTOR_BYTES, write.bytes.length - at));
        }
      }
    }
    return found;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {}
}
