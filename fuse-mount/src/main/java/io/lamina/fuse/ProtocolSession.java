package io.lamina.fuse;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fuse.FuseDevice.Memory;
import io.lamina.fuse.protocol.Server;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests about files in the kernel's own protocol, on the session that libfuse and
 * jnr-fuse carry: what is about the session itself goes on to them.
 *
 * <p>Nothing else may: libfuse ends the process when it is asked about a node that it did not
 * number itself. For a request that has been answered here, its own reply is refused by the kernel
 * with ENOENT, which it passes over.
 */
final class ProtocolSession implements Session {
  private static final Logger LOG = LoggerFactory.getLogger(ProtocolSession.class);

  private final FuseDevice device;
  private final Server server;
  private final LibFuseSession carrier;

  /** Tells the kernel what it did not ask for; it may have to wait for those who are answered. */
  private final ExecutorService teller =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "fuse-notices");
            thread.setDaemon(true);
            return thread;
          });

  ProtocolSession(FuseDevice device, Server server, LibFuseSession carrier) {
    this.device = device;
    this.server = server;
    this.carrier = carrier;
  }

  @Override
  public Worker worker() {
    Memory reply = Memory.of(Server.REPLY_BYTES);
    Worker carrying = carrier.worker();
    return request -> {
      int byteCount = server.serve(request.bytes(), reply.bytes());
      if (byteCount > 0) {
        device.send(reply, byteCount);
      }
      if (server.hasSurplus()) {
        tell(server::takeBack);
      }
      if (Server.isAboutSession(request.bytes())) {
        carrying.answer(request);
      }
    };
  }

  @Override
  public void entryChanged(Node directory, Name name) {
    tell(() -> server.lookUpAnew(directory, name));
  }

  private void tell(Supplier<List<ByteBuffer>> notices) {
    try {
      teller.execute(() -> notices.get().forEach(device::send));
    } catch (RejectedExecutionException e) {
      // Closed: the kernel knows nothing any more.
    }
  }

  @Override
  public void letGo() {
    server.close();
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
    server.close();
    carrier.close();
  }
}
