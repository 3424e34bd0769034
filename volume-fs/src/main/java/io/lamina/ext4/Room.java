package io.lamina.ext4;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.block.WritableDevice;
import java.io.IOException;

/**
 * How much new content the device has room for: a thin volume has less than its size, and shares it
 * with others. Some is left for what must not fail, so that a full pool can always delete: the
 * journal, and metadata whose blocks are shared with a snapshot or were never written. Safe for use
 * by many threads.
 */
final class Room {
  private static final long MOST_KEPT_BYTES = 16 << 20;
  private static final int KEPT_SHARE = 16;

  private final WritableDevice device;
  private final long keptBytes;

  /** What may be promised before the device is asked again. */
  @GuardedBy("this")
  private long known;

  Room(WritableDevice device) {
    this.device = device;
    this.keptBytes = Math.min(MOST_KEPT_BYTES, device.size() / KEPT_SHARE);
  }

  /** Whether there is room for so many more bytes. */
  synchronized boolean has(long byteCount) throws IOException {
    if (byteCount <= known) {
      known -= byteCount;
      return true;
    }
    long left = left();
    if (byteCount > left) {
      device.flush(); // what a pool got back is free once it has committed
      left = left();
    }
    known = Math.max(0, left - byteCount) / 2; // others take from it too
    return byteCount <= left;
  }

  /** How many bytes can be promised now. */
  long availableBytes() {
    return Math.max(0, left());
  }

  private long left() {
    long room = device.roomBytes();
    return room == Long.MAX_VALUE ? room : room - keptBytes;
  }
}
