package io.lamina.ext4.journal;

import io.lamina.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** A volume some of whose blocks are read from their copies in its log. */
final class ReplayedDevice implements BlockDevice {
  private final BlockDevice device;
  private final int blockBytes;

  /** In rising order. */
  private final long[] blockNrs;

  /** The {@link Copy} of each. */
  private final long[] copies;

  ReplayedDevice(BlockDevice device, int blockBytes, long[] blockNrs, long[] copies) {
    this.device = device;
    this.blockBytes = blockBytes;
    this.blockNrs = blockNrs;
    this.copies = copies;
  }

  @Override
  public long size() {
    return device.size();
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    int limit = target.limit();
    long at = offset;
    while (target.hasRemaining()) {
      long blockNr = at / blockBytes;
      int next = firstNotBefore(blockNr);
      boolean copied = isCopied(next, blockNr);
      long end = copied ? (blockNr + 1) * blockBytes : startOf(next);
      int length = (int) Math.min(target.remaining(), end - at);
      target.limit(target.position() + length);
      if (copied) {
        readCopy(new Copy(copies[next]), (int) (at % blockBytes), target);
      } else {
        device.read(at, target);
      }
      target.limit(limit);
      at += length;
    }
  }

  private void readCopy(Copy copy, int from, ByteBuffer target) throws IOException {
    int position = target.position();
    int length = target.remaining();
    device.read(copy.blockNr() * blockBytes + from, target);
    if (copy.escaped()) {
      for (int i = from; i < Math.min(from + length, Integer.BYTES); i++) {
        target.put(position + i - from, magicByte(i));
      }
    }
  }

  private static byte magicByte(int index) {
    return (byte) (LogHeader.MAGIC >>> (Integer.SIZE - Byte.SIZE * (index + 1)));
  }

  @Override
  public long nextData(long offset) throws IOException {
    long blockNr = offset / blockBytes;
    int next = firstNotBefore(blockNr);
    return isCopied(next, blockNr)
        ? offset
        : Math.min(device.nextData(offset), Math.min(startOf(next), size()));
  }

  @Override
  public long nextHole(long offset) throws IOException {
    long at = offset;
    while (at < size()) {
      long blockNr = at / blockBytes;
      int next = firstNotBefore(blockNr);
      if (isCopied(next, blockNr)) {
        at = (blockNr + 1) * blockBytes;
      } else if (device.nextData(at) > at) {
        return at;
      } else {
        long hole = device.nextHole(at);
        at = Math.min(hole, startOf(next));
        if (at == hole && hole < startOf(next)) {
          return hole;
        }
      }
    }
    return size();
  }

  @Override
  public void close() throws IOException {
    device.close();
  }

  /** Index of the first replayed block at or after one. */
  private int firstNotBefore(long blockNr) {
    int found = Arrays.binarySearch(blockNrs, blockNr);
    return found >= 0 ? found : -found - 1;
  }

  private boolean isCopied(int index, long blockNr) {
    return index < blockNrs.length && blockNrs[index] == blockNr;
  }

  private long startOf(int index) {
    return index < blockNrs.length ? blockNrs[index] * blockBytes : Long.MAX_VALUE;
  }
}
