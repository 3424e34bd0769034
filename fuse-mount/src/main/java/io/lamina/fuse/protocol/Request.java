package io.lamina.fuse.protocol;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One request as the kernel wrote it. Offsets of its methods count from the end of the header. */
final class Request {
  static final int HEADER_BYTES = 40;

  private final ByteBuffer bytes;

  Request(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.nativeOrder());
  }

  int opcode() {
    return bytes.getInt(4);
  }

  /** What the reply must repeat. */
  long unique() {
    return bytes.getLong(8);
  }

  long nodeId() {
    return bytes.getLong(16);
  }

  /** Who asks; an unsigned 32-bit number. */
  int userId() {
    return bytes.getInt(24);
  }

  int u32(int offset) {
    return bytes.getInt(HEADER_BYTES + offset);
  }

  long u64(int offset) {
    return bytes.getLong(HEADER_BYTES + offset);
  }

  /** The name that starts at an offset and ends before a zero byte. */
  Name name(int offset) {
    int from = HEADER_BYTES + offset;
    int end = from;
    while (bytes.get(end) != 0) {
      end++;
    }
    return Name.ofBytes(bytes, from, end - from);
  }
}
