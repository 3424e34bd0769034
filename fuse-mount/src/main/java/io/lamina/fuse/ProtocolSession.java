package io.lamina.fuse;

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
record ProtocolSession(FuseDevice device, Server server, LibFuseSession carrier)
    implements Session {
  @Override
  public Worker worker() {
    Memory reply = Memory.of(Server.REPLY_BYTES);
    Worker carrying = carrier.worker();
    return request -> {
      int byteCount = server.serve(request.bytes(), reply.bytes());
      if (byteCount > 0) {
        device.send(reply, byteCount);
      }
      if (Server.isAboutSession(request.bytes())) {
        carrying.answer(request);
      }
    };
  }

  @Override
  public void close() {
    server.close();
    carrier.close();
  }
}
