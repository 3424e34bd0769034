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

  /** A pool's metadata may have room for less than it thinks. */
  private static final long MOST_KNOWN_BYTES = 1 << 20;

  private final WritableDevice device;
  private final long keptBytes;

  /** What may be promised before the device is asked again. */
  @GuardedBy("this")
  private long known;

  Room(WritableDevice device) {
    this.device = device;
    this.keptBytes = keptBytes(device);
  }

  private static long keptBytes(WritableDevice device) {
    return Math.min(MOST_KEPT_BYTES, device.size() / KEPT_SHARE);
  }

  /** A device for the content of files, which leaves it what must not fail. */
  static WritableDevice forContent(WritableDevice device) {
    return device.keeping(keptBytes(device));
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
    known = Math.min(MOST_KNOWN_BYTES, Math.max(0, left - byteCount) / 2); // others take from it
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
