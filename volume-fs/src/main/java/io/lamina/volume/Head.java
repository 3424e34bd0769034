package io.lamina.volume;

import io.lamina.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The first bytes of a device, as much of them as there is; beyond them everything is zero. */
final class Head {
  /** Far enough for all that is looked for. */
  private static final int MAX_BYTES = 0x11000;

  private final byte[] bytes;

  private Head(byte[] bytes) {
    this.bytes = bytes;
  }

  static Head of(BlockDevice device) throws IOException {
    byte[] bytes = new byte[MAX_BYTES];
    int length = (int) Math.min(MAX_BYTES, device.size());
    device.read(0, ByteBuffer.wrap(bytes, 0, length));
    return new Head(bytes);
  }

  /** Whether these characters stand at an offset, each one byte. */
  boolean has(int offset, String latin1) {
    byte[] wanted = latin1.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[offset + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** Whether there is nothing but zeroes. */
  boolean isZero() {
    for (byte b : bytes) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  ByteBuffer buffer(int offset, int byteCount) {
    return ByteBuffer.wrap(bytes, offset, byteCount).slice();
  }

  /** A text of at most so many bytes, up to its first zero. */
  String text(int offset, int byteCount) {
    return text(buffer(offset, byteCount));
  }

  static String text(ByteBuffer bytes) {
    int end = 0;
    while (end < bytes.limit() && bytes.get(end) != 0) {
      end++;
    }
    return StandardCharsets.UTF_8.decode(bytes.duplicate().position(0).limit(end)).toString();
  }

  /** The sixteen bytes at an offset as a UUID, empty where they are zero. */
  String uuid(int offset) {
    return uuid(buffer(offset, 16));
  }

  static String uuid(ByteBuffer bytes) {
    StringBuilder uuid = new StringBuilder();
    boolean isZero = true;
    for (int i = 0; i < 16; i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) {
        uuid.append('-');
      }
      uuid.append(String.format("%02x", bytes.get(i)));
      isZero &= bytes.get(i) == 0;
    }
    return isZero ? "" : uuid.toString();
  }
}
