package io.lamina.cli;

import io.lamina.block.BlockDevice;
import io.lamina.persist.BlockManager;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Tells, for each block of metadata read through it, how many those are by now. */
final class CountedDevice implements BlockDevice {
  private final BlockDevice device;
  private final LongConsumer progress;
  private final AtomicLong blockCount = new AtomicLong();

  CountedDevice(BlockDevice device, LongConsumer progress) {
    this.device = device;
    this.progress = progress;
  }

  @Override
  public long size() {
    return device.size();
  }

  @Override
  public void read(long offset, ByteBuffer target) throws IOException {
    int byteCount = target.remaining();
    device.read(offset, target);
    for (int at = 0; at < byteCount; at += BlockManager.BLOCK_BYTES) {
      progress.accept(blockCount.incrementAndGet());
    }
  }

  @Override
  public long nextData(long offset) throws IOException {
    return device.nextData(offset);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return device.nextHole(offset);
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public void close() throws IOException {
    device.close();
  }
}
