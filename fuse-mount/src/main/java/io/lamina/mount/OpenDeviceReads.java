package io.lamina.mount;

import io.lamina.block.BlockDevice;
import io.lamina.fs.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** How a device reads as a file. */
interface OpenDeviceReads extends OpenFile {
  /** What is read. */
  BlockDevice device();

  @Override
  default long size() {
    return device().size();
  }

  @Override
  default int read(long offset, ByteBuffer target) throws IOException {
    long left = device().size() - offset;
    if (left <= 0) {
      return 0;
    }
    int byteCount = (int) Math.min(left, target.remaining());
    target.limit(target.position() + byteCount);
    device().read(offset, target);
    return byteCount;
  }

  @Override
  default long nextData(long offset) throws IOException {
    return device().nextData(offset);
  }

  @Override
  default long nextHole(long offset) throws IOException {
    return device().nextHole(offset);
  }
}
