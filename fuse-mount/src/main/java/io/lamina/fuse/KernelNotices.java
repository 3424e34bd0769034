package io.lamina.fuse;

import io.lamina.fuse.protocol.Notices;
import io.lamina.threads.DaemonThreads;
import java.io.Closeable;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notices by way of {@code /dev/fuse}. For many threads. */
final class KernelNotices implements Notices, Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelNotices.class);

  private final FuseDevice device;

  /** It may have to wait for those who are answered. */
  private final ExecutorService teller =
      Executors.newSingleThreadExecutor(DaemonThreads.named("fuse-notices"));

  KernelNotices(FuseDevice device) {
    this.device = device;
  }

  @Override
  public void send(ByteBuffer notice) {
    device.send(notice);
  }

  @Override
  public void sendLater(Supplier<List<ByteBuffer>> notices) {
    try {
      teller.execute(() -> notices.get().forEach(device::send));
    } catch (RejectedExecutionException e) {
      // Closed: the kernel knows nothing any more.
    }
  }

  @Override
  public void close() {
    teller.shutdownNow();
    try {
      if (!teller.awaitTermination(1, TimeUnit.SECONDS)) {
        LOG.warn("a notice to the kernel is still on its way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
