package io.lamina.ext4;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongPredicate;

/**
 * A device in memory whose power can be cut: what was flushed stays, of the sectors written since
 * then a random part does. Once so many flushes were made, nothing works any more.
 */
final class CrashingImage implements WritableDevice {
  private static final int SECTOR_BYTES = 512;

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
  private final List<Write> unflushed = new ArrayList<>();
  private final List<long[]> discards = new ArrayList<>();
  private int discardUnitBytes = 1;
  private int flushesLeft;
  private int flushCount;
  private LongPredicate full = offset -> false;
  private LongPredicate broken = offset -> false;

  CrashingImage(byte[] content, int flushesLeft) {
    this.stable = content.clone();
    this.seen = content.clone();
    this.flushesLeft = flushesLeft;
  }

  @Override
  public long size() {
    return seen.length;
  }

  @Override
  public synchronized void read(long offset, ByteBuffer target) throws IOException {
    requireSound(offset);
    target.put(seen, (int) offset, target.remaining());
  }

  /** From now on, what lies at such offsets can be neither read nor written. */
  synchronized void breakAt(LongPredicate offsets) {
    broken = offsets;
  }

  private void requireSound(long offset) throws IOException {
    requirePower();
    if (broken.test(offset)) {
      throw new IOException("I/O error at " + offset);
    }
  }

  /** From now on, what is written to such offsets finds no room. */
  synchronized void fill(LongPredicate offsets) {
    full = offsets;
  }

  @Override
  public synchronized void write(long offset, ByteBuffer source) throws IOException {
    requireSound(offset);
    if (full.test(offset)) {
      throw new OutOfSpaceException("full");
    }
    byte[] bytes = new byte[source.remaining()];
    source.get(bytes);
    System.arraycopy(bytes, 0, seen, (int) offset, bytes.length);
    unflushed.add(new Write(offset, bytes));
  }

  @Override
  public synchronized void flush() throws IOException {
    flushesLeft--;
    requirePower();
    flushCount++;
    System.arraycopy(seen, 0, stable, 0, seen.length);
    unflushed.clear();
  }

  private void requirePower() throws IOException {
    if (flushesLeft < 0) {
      throw new IOException("power cut");
    }
  }

  synchronized boolean isCut() {
    return flushesLeft < 0;
  }

  synchronized int flushCount() {
    return flushCount;
  }

  /** Says that discards do nothing to less than such a unit. */
  CrashingImage withDiscardUnit(int byteCount) {
    discardUnitBytes = byteCount;
    return this;
  }

  @Override
  public int discardUnitBytes() {
    return discardUnitBytes;
  }

  /** The ranges that were discarded: an offset and a length each. */
  synchronized List<long[]> discards() {
    return List.copyOf(discards);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    zero(offset, length);
    synchronized (this) {
      discards.add(new long[] {offset, length});
    }
  }

  @Override
  public void zero(long offset, long length) throws IOException {
    write(offset, ByteBuffer.allocate((int) length));
  }

  /** What is found after the cut: each sector written since the last flush, or not. */
  synchronized byte[] afterCut(Random random) {
    byte[] found = stable.clone();
    int share = random.nextInt(5);
    for (Write write : unflushed) {
      for (int at = 0; at < write.bytes.length; at += SECTOR_BYTES) {
        if (random.nextInt(4) < share) {
          int length = Math.min(SECTOR_BYTES, write.bytes.length - at);
          System.arraycopy(write.bytes, at, found, (int) write.offset + at, length);
        }
      }
    }
    return found;
  }

  /** Its content as it is seen now. */
  synchronized byte[] content() {
    return seen.clone();
  }

  @Override
  public String name() {
    return "crashing image";
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
