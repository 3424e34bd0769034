package io.lamina.fuse.protocol;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the kernel is told without having asked: a reply's header, with a code for its error. */
final class Notice {
  private static final int INVAL_INODE = 2;
  private static final int INVAL_INODE_OUT_BYTES = 24;
  private static final long NO_CONTENT = -1;
  private static final int INVAL_ENTRY = 3;
  private static final int INVAL_ENTRY_OUT_BYTES = 16;

  private Notice() {}

  /** {@code FUSE_NOTIFY_INVAL_INODE}: attributes have to be asked for anew; content has not. */
  static ByteBuffer attributesChanged(long nodeId) {
    ByteBuffer bytes = buffer(INVAL_INODE, INVAL_INODE_OUT_BYTES);
    bytes.putLong(Wire.REPLY_HEADER_BYTES, nodeId);
    bytes.putLong(Wire.REPLY_HEADER_BYTES + 8, NO_CONTENT);
    return bytes;
  }

  /** {@code FUSE_NOTIFY_INVAL_INODE}: what is known of a directory and its listing is old. */
  static ByteBuffer directoryChanged(long nodeId) {
    return contentChanged(nodeId, 0, 0);
  }

  /** {@code FUSE_NOTIFY_INVAL_INODE}: so is a range of a file; one of 0 bytes goes to its end. */
  static ByteBuffer contentChanged(long nodeId, long offset, long byteCount) {
    ByteBuffer bytes = buffer(INVAL_INODE, INVAL_INODE_OUT_BYTES);
    bytes.putLong(Wire.REPLY_HEADER_BYTES, nodeId);
    bytes.putLong(Wire.REPLY_HEADER_BYTES + 8, offset);
    bytes.putLong(Wire.REPLY_HEADER_BYTES + 16, byteCount);
    return bytes;
  }

  /** {@code FUSE_NOTIFY_INVAL_ENTRY}: a name has to be looked up anew. */
  static ByteBuffer entryChanged(long directoryId, Name name) {
    ByteBuffer bytes = buffer(INVAL_ENTRY, INVAL_ENTRY_OUT_BYTES + name.byteCount() + 1);
    bytes.putLong(Wire.REPLY_HEADER_BYTES, directoryId);
    bytes.putInt(Wire.REPLY_HEADER_BYTES + 8, name.byteCount());
    bytes.put(Wire.REPLY_HEADER_BYTES + INVAL_ENTRY_OUT_BYTES, name.bytes());
    return bytes;
  }

  private static ByteBuffer buffer(int code, int bodyBytes) {
    int byteCount = Wire.REPLY_HEADER_BYTES + bodyBytes;
    ByteBuffer bytes = ByteBuffer.allocateDirect(byteCount).order(ByteOrder.nativeOrder());
    Wire.replyHeader(bytes, byteCount, code, 0);
    return bytes;
  }
}
