package io.lamina.thin;

import io.lamina.block.BlockDevice;
import io.lamina.block.Zeroes;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What is read where nothing is mapped: zeroes, or an external origin with zeroes past its end. */
final class Origin {
  static final Origin NONE = new Origin(null);

  private final @Nullable BlockDevice device;

  Origin(@Nullable BlockDevice device) {
    this.device = device;
  }

  long size() {
    return device == null ? 0 : device.size();
  }

  /** Fills the next bytes of a buffer. */
  void read(long offset, ByteBuffer target, int length) throws IOException {
    int inside = (int) Math.max(0, Math.min(length, size() - offset));
    if (inside > 0 && device != null) {
      int limit = target.limit();
      target.limit(target.position() + inside);
      device.read(offset, target);
      target.limit(limit);
    }
    Zeroes.put(target, length - inside);
  }

  /** The next data at or after an offset, or its size where there is none. */
  long nextData(long offset) throws IOException {
    return device == null || offset >= size() ? size() : device.nextData(offset);
  }

  long nextHole(long offset) throws IOException {
    return device == null || offset >= size() ? offset : device.nextHole(offset);
  }
}
