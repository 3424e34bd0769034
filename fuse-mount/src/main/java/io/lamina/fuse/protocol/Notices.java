package io.lamina.fuse.protocol;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;

/** Tells the kernel what it did not ask for. */
public interface Notices {
  /** At once: only what the kernel takes without waiting for anybody who is answered. */
  void send(ByteBuffer notice);

  /** In a thread that answers nobody: the kernel may wait for others' requests first. */
  void sendLater(Supplier<List<ByteBuffer>> notices);
}
