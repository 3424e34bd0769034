package io.lamina.thin;

import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A device in memory whose power can be cut: what was flushed stays, of what was written since then
 * a random part does, unit by unit. After a given number of flushes, of all devices that share a
 * {@link Power}, nothing works any more.
 */
public final class CrashingDevice implements WritableDevice {
  /** What several devices are plugged into. */
  public static final class Power {
    private final int flushCount;
    private int flushesLeft;
    private Runnable onCut = () -> {};

    /** Power for so many flushes. */
    public Power(int flushCount) {
      this.flushCount = flushCount;
      this.flushesLeft = flushCount;
    }

    /** What is done at the moment of the cut, before anybody knows of it. */
    public void onCut(Runnable action) {
      onCut = action;
    }

    synchronized void check() throws IOException {
      if (flushesLeft < 0) {
        throw new IOException("power cut");
      }
    }

    synchronized void flush() throws IOException {
      check();
      flushesLeft--;
      if (flushesLeft < 0) {
        onCut.run();
      }
      check();
    }

    public synchronized boolean isCut() {
      return flushesLeft < 0;
    }

    public synchronized int flushesDone() {
      return flushCount - flushesLeft;
    }
  }

  /** Whole units, as they were after a write. */
  private static final class Write {
    private final int offset;
    private final byte[] bytes;

    Write(int offset, byte[] bytes) {
      this.offset = offset;
      this.bytes = bytes;
    }
  }

  private final byte[] stable;
  private final byte[] seen;
  private final List<Write> since = new ArrayList<>();
  private final Power power;
  private final String name;
  private final int unitBytes;
  private volatile long size;

  /**
   * A device that is as large as its content.
   *
   * @param unitBytes what is written as a whole or not at all: 512 or 4096
   */
  public CrashingDevice(byte[] content, int unitBytes, Power power, String name) {
    this.stable = content.clone();
    this.seen = content.clone();
    this.size = content.length;
    this.unitBytes = unitBytes;
    this.power = power;
    this.name = name;
  }

  @Override
  public long size() {
    return size;
  }

  /** Shows another part of it. */
  void resize(long bytes) {
    size = bytes;
  }

  @Override
  public synchronized void read(long offset, ByteBuffer target) throws IOException {
    power.check();
    checkInside(offset, target);
    target.put(seen, (int) offset, target.remaining());
  }

  private void checkInside(long offset, ByteBuffer buffer) throws IOException {
    if (offset < 0 || offset > size - buffer.remaining()) {
      throw new IOException(name + ": beyond its end");
    }
  }

  @Override
  public synchronized void write(long offset, ByteBuffer source) throws IOException {
    power.check();
    checkInside(offset, source);
    int start = (int) (offset / unitBytes * unitBytes);
    int end = (int) ((offset + source.remaining() + unitBytes - 1) / unitBytes * unitBytes);
    source.get(seen, (int) offset, source.remaining());
    since.add(new Write(start, Arrays.copyOfRange(seen, start, end)));
  }

  @Override
  public synchronized void flush() throws IOException {
    power.flush();
    for (Write write : since) {
      System.arraycopy(seen, write.offset, stable, write.offset, write.bytes.length);
    }
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

  /** What a machine finds after the cut: each unit written since the last flush, or not. */
  public synchronized byte[] afterCut(Random random) {
    byte[] found = stable.clone();
    int lost = random.nextInt(4); // of four
    for (Write write : since) {
      for (int at = 0; at < write.bytes.length; at += unitBytes) {
        if (random.nextInt(4) >= lost) {
          System.arraycopy(write.bytes, at, found, write.offset + at, unitBytes);
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
