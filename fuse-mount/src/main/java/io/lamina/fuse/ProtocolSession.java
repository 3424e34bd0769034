package io.lamina.fuse;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fuse.FuseDevice.Memory;
import io.lamina.fuse.protocol.Server;

/**
 * Answers requests about files in the kernel's own protocol, on the session that libfuse and
 * jnr-fuse carry: what is about the session itself goes on to them.
 *
 * <p>Nothing else may: libfuse ends the process when it is asked about a node that it did not
 * number itself. For a request that has been answered here, its own reply is refused by the kernel
 * with ENOENT, which it passes over.
 */
final class ProtocolSession implements Session {
  private final FuseDevice device;
  private final Server server;
  private final LibFuseSession carrier;
  private final KernelNotices notices;

  ProtocolSession(FuseDevice device, Server server, LibFuseSession carrier, KernelNotices notices) {
    this.notices = notices;
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
        notices.sendLater(server::takeBack);
      }
      if (Server.isAboutSession(request.bytes())) {
        carrying.answer(request);
      }
    };
  }

  @Override
  public void entryChanged(Node directory, Name name) {
    notices.sendLater(() -> server.lookUpAnew(directory, name));
  }

  @Override
  public void letGo() {
    server.close();
  }

  @Override
  public void close() {
    notices.close();
    server.close();
    carrier.close();
  }
}
