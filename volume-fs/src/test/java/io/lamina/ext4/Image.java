package io.lamina.ext4;

import io.lamina.block.BlockDevice;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small volume in memory, whose bytes a test may spoil. */
final class Image implements BlockDevice {
  private final ByteBuffer bytes;

  Image(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Image of(Path file) throws IOException {
    return new Image(Files.readAllBytes(file));
  }

  Image copy() {
    return new Image(bytes.array().clone());
  }

  /** The first so many bytes of it. */
  Image cut(int byteCount) {
    return new Image(java.util.Arrays.copyOf(bytes.array(), byteCount));
  }

  ByteBuffer bytes() {
    return bytes;
  }

  @Override
  public long size() {
    return bytes.capacity();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    if (offset < 0 || target.remaining() > size() - offset) {
      throw new EOFException("no " + target.remaining() + " bytes at " + offset);
    }
    target.put(bytes.slice((int) offset, target.remaining()));
  }

  @Override
  public String name() {
    return "image";
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
