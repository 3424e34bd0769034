package io.lamina.fuse.protocol;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/**
 * Asks a server of a tree what the kernel asks when a program changes files, so that the code has
 * run before somebody waits for it. Nobody hears of it but the tree.
 *
 * <p>Requests are laid out as in <a
 * href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/fuse.h">
 * include/uapi/linux/fuse.h</a>.
 */
public final class RehearsedKernel {
  private static final long ROOT = 1;
  private static final int NEW_FILE = 0100644;
  private static final int O_WRONLY_CREAT = 0101;
  private static final int O_RDWR = 2;
  private static final int PAGES_BYTES = 128 << 10;
  private static final byte[] NEW_NAME = "rehearsal".getBytes(StandardCharsets.US_ASCII);

  private static final Notices NONE =
      new Notices() {
        @Override
        public void send(ByteBuffer notice) {
          // No kernel is there to hear it.
        }

        @Override
        public void sendLater(Supplier<List<ByteBuffer>> notices) {
          // No kernel is there to hear it.
        }
      };

  private final Server server;
  private final ByteBuffer request = buffer(Server.REQUEST_BYTES);
  private final ByteBuffer reply = buffer(Server.REPLY_BYTES);

  private RehearsedKernel(Server server) {
    this.server = server;
  }

  /**
   * Makes, reads, changes, syncs, lists and removes a file.
   *
   * @param directory where, below the root of a tree that can be changed
   * @param existing a file there, which is changed
   * @param rounds how often
   * @throws IOException when a request is answered with an error
   */
  public static void use(FileTree tree, List<Name> directory, Name existing, int rounds)
      throws IOException {
    try (Server server = new Server(tree, new ServerOptions(true, 0), NONE)) {
      RehearsedKernel kernel = new RehearsedKernel(server);
      long at = ROOT;
      for (Name name : directory) {
        at = kernel.lookUp(at, name.bytes());
      }
      for (int round = 0; round < rounds; round++) {
        kernel.change(at, existing);
      }
    }
  }

  private static ByteBuffer buffer(int byteCount) {
    return ByteBuffer.allocateDirect(byteCount).order(ByteOrder.nativeOrder());
  }

  private void change(long directory, Name existing) throws IOException {
    list(directory);
    long old = lookUp(directory, existing.bytes());
    long handle = open(old);
    write(old, handle, 1);
    read(old, handle);
    close(old, handle);

    long made = create(directory);
    handle = reply.getLong(Wire.REPLY_HEADER_BYTES + Wire.ENTRY_OUT_BYTES);
    write(made, handle, PAGES_BYTES);
    close(made, handle);
    ask(Opcode.GETATTR, at(made).putLong(0).putLong(0));
    list(directory);
    ask(Opcode.UNLINK, named(at(directory), NEW_NAME));
    ask(Opcode.FORGET, at(made).putLong(1));
  }

  private long lookUp(long directory, byte[] name) throws IOException {
    ask(Opcode.LOOKUP, named(at(directory), name));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  private long create(long directory) throws IOException {
    ByteBuffer in = at(directory).putInt(O_WRONLY_CREAT).putInt(NEW_FILE).putInt(0).putInt(0);
    ask(Opcode.CREATE, named(in, NEW_NAME));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  private long open(long file) throws IOException {
    ask(Opcode.OPEN, at(file).putInt(O_RDWR).putInt(0));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  private void read(long file, long handle) throws IOException {
    ask(Opcode.READ, at(file).putLong(handle).putLong(0).putInt(PAGES_BYTES).putInt(0).putLong(0));
  }

  private void write(long file, long handle, int byteCount) throws IOException {
    ByteBuffer in = at(file).putLong(handle).putLong(0).putInt(byteCount).putInt(0);
    in.putLong(0).putInt(0).putInt(0);
    ask(Opcode.WRITE, in.position(in.position() + byteCount));
    ask(Opcode.FSYNC, at(file).putLong(handle).putInt(0).putInt(0));
  }

  private void close(long file, long handle) throws IOException {
    ask(Opcode.RELEASE, at(file).putLong(handle).putInt(0).putInt(0).putLong(0));
  }

  private void list(long directory) throws IOException {
    ByteBuffer in = at(directory).putLong(0).putLong(0).putInt(PAGES_BYTES).putInt(0);
    ask(Opcode.READDIRPLUS, in.putLong(0).putInt(0).putInt(0));
  }

  private static ByteBuffer named(ByteBuffer in, byte[] name) {
    return in.put(name).put((byte) 0);
  }

  /** The start of a request about a node, from root. */
  private ByteBuffer at(long nodeId) {
    request.clear();
    for (int i = 0; i < Request.HEADER_BYTES; i += Long.BYTES) {
      request.putLong(0);
    }
    return request.putLong(16, nodeId);
  }

  private void ask(int opcode, ByteBuffer in) throws IOException {
    in.flip().putInt(0, in.limit()).putInt(4, opcode);
    int byteCount = server.serve(in, reply);
    int error = byteCount > 0 ? reply.getInt(4) : 0;
    if (error != 0) {
      throw new IOException(Opcode.name(opcode) + ": errno " + -error);
    }
  }
}
