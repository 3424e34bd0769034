package io.lamina.fuse.protocol;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the kernel is told without having asked: a reply's header, with a code for its error. */
final class Notice {
  private static final int INVAL_ENTRY = 3;
  private static final int INVAL_ENTRY_OUT_BYTES = 16;

  private Notice() {}

  /** {@code FUSE_NOTIFY_INVAL_ENTRY}: a name has to be looked up anew. */
  static ByteBuffer entryChanged(long directoryId, Name name) {
    int byteCount = Wire.REPLY_HEADER_BYTES + INVAL_ENTRY_OUT_BYTES + name.byteCount() + 1;
    ByteBuffer bytes = ByteBuffer.allocateDirect(byteCount).order(ByteOrder.nativeOrder());
    Wire.replyHeader(bytes, byteCount, INVAL_ENTRY, 0);
    bytes.putLong(Wire.REPLY_HEADER_BYTES, directoryId);
    bytes.putInt(Wire.REPLY_HEADER_BYTES + 8, name.byteCount());
    bytes.put(Wire.REPLY_HEADER_BYTES + INVAL_ENTRY_OUT_BYTES, name.bytes());
    return bytes;
  }
}
