package io.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fuse.FuseDevice.Memory;
import io.lamina.fuse.protocol.Server;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who asks gets an answer, also where there is no memory left to find one. */
class RefusalTest {
  private static final int THREADS = 2;

  @TempDir Path directory;

  @Test
  @Timeout(60)
  void requestsThatThereIsNoMemoryForAreRefusedAndTheNextAreAnswered() throws Exception {
    Fuse.assumeWorks();
    Starving session =
        new Starving(LibFuseSession.mounted(directory, "attr_timeout=0", new EmptyServer()));
    FuseDevice device = session.carrier.device();
    Memory request = Memory.of(Server.REQUEST_BYTES);
    assertThat(device.receive(request)).isTrue();
    FuseMount mount = FuseMount.started(directory, device, session, request, THREADS);
    try {
      assertThat(Fuse.run(directory, "stat", "-c", "%n", "before")).isEqualTo("before\n");
      session.starving.set(3 * THREADS);
      for (int i = 0; i < 3 * THREADS; i++) {
        assertThat(Fuse.run(directory, "stat", "file" + i)).contains("Input/output error");
      }
      assertThat(Fuse.run(directory, "stat", "-c", "%n", "after")).isEqualTo("after\n");
    } finally {
      mount.close();
      mount.join();
    }
  }

  /** A session that has no memory for some lookups. */
  private static final class Starving implements Session {
    private static final int OPCODE_AT = 4;
    private static final int LOOKUP = 1;

    private final LibFuseSession carrier;
    private final AtomicInteger starving = new AtomicInteger();

    Starving(LibFuseSession carrier) {
      this.carrier = carrier;
    }

    @Override
    public Worker worker() {
      Worker worker = carrier.worker();
      return request -> {
        boolean isLookup =
            request.bytes().order(ByteOrder.nativeOrder()).getInt(OPCODE_AT) == LOOKUP;
        if (isLookup && starving.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          throw new OutOfMemoryError("no room for a lookup");
        }
        worker.answer(request);
      };
    }

    @Override
    public void entryChanged(Node changed, Name name) {
      carrier.entryChanged(changed, name);
    }

    @Override
    public void letGo() {
      carrier.letGo();
    }

    @Override
    public void close() {
      carrier.close();
    }
  }
}
