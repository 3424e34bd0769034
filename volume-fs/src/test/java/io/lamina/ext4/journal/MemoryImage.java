package io.lamina.ext4.journal;

import io.lamina.block.BlockDevice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A small volume in memory; all of it counts as data but for blocks that were never written. */
final class MemoryImage implements BlockDevice {
  final ByteBuffer bytes;

  MemoryImage(int byteCount) {
    this.bytes = ByteBuffer.allocate(byteCount);
  }

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    if (offset < 0 || offset + target.remaining() > size()) {
      throw new EOFException(offset + " is outside");
    }
    target.put(bytes.slice((int) offset, target.remaining()));
  }

  @Override
  public long nextData(long offset) {
    int at = (int) Math.min(offset, size());
    while (at < size() && bytes.get(at) == 0) {
      at++;
    }
    return at;
  }

  @Override
  public long nextHole(long offset) {
    int at = (int) Math.min(offset, size());
    while (at < size() && bytes.get(at) != 0) {
      at++;
    }
    return at;
  }

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public void close() {}
}
