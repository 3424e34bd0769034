package io.lamina.fuse.protocol;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One request as the kernel wrote it. Offsets of its methods count from the end of the header. */
final class Request {
  static final int HEADER_BYTES = 40;

  /** The low 12 bits of {@code st_mode}. */
  static final int PERMISSIONS = 07777;

  private final ByteBuffer bytes;

  Request(ByteBuffer bytes) {
    this.bytes = bytes.order(ByteOrder.nativeOrder());
  }

  int opcode() {
    return opcode(bytes);
  }

  static int opcode(ByteBuffer bytes) {
    return bytes.getInt(4);
  }

  /** What the reply must repeat. */
  long unique() {
    return unique(bytes);
  }

  static long unique(ByteBuffer bytes) {
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

  /** Who asks, as the owner of what he makes. */
  Owner owner() {
    return new Owner(Integer.toUnsignedLong(userId()), Integer.toUnsignedLong(bytes.getInt(28)));
  }

  /** What is to be made. */
  NewFile newFile(FileType type, int mode, int umask, int major, int minor) {
    return new NewFile(type, mode & PERMISSIONS, umask & PERMISSIONS, owner(), major, minor);
  }

  /** The name that starts at an offset and ends before a zero byte. */
  Name name(int offset) {
    int from = HEADER_BYTES + offset;
    return Name.ofBytes(bytes, from, end(from) - from);
  }

  /** The name that follows the one at an offset. */
  Name secondName(int offset) {
    int from = end(HEADER_BYTES + offset) + 1;
    return Name.ofBytes(bytes, from, end(from) - from);
  }

  private int end(int from) {
    int end = from;
    while (bytes.get(end) != 0) {
      end++;
    }
    return end;
  }

  /** Bytes of the request itself: what is to be written. */
  ByteBuffer data(int offset, int byteCount) {
    return bytes.slice(HEADER_BYTES + offset, byteCount);
  }

  /** A copy of some bytes. */
  byte[] copy(int offset, int byteCount) {
    byte[] copy = new byte[byteCount];
    bytes.get(HEADER_BYTES + offset, copy);
    return copy;
  }
}
