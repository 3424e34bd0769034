package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Requests to a server that no kernel sends. Nobody hears of them but the tree.
 *
 * <p>They are laid out as in <a
 * href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/include/uapi/linux/fuse.h">
 * include/uapi/linux/fuse.h</a>. All throw when they are answered with an error.
 */
final class RehearsedRequests implements Closeable {
  static final int PAGES_BYTES = 128 << 10;

  private static final int NEW_FILE = 0100644;
  private static final int NEW_DIRECTORY = 040755;
  private static final int O_WRONLY_CREAT_EXCL = 0301;
  private static final int O_RDWR = 2;
  private static final int MODE = 1;
  private static final int OWNERS = 1 << 1 | 1 << 2;
  private static final int TIMES = 1 << 4 | 1 << 5;
  private static final int VALUE_BYTES = 256;
  private static final byte[] TARGET = "target".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] XATTR = "user.rehearsal".getBytes(StandardCharsets.US_ASCII);

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

  RehearsedRequests(FileTree tree) throws IOException {
    this.server = new Server(tree, new ServerOptions(true, 0), NONE);
  }

  private static ByteBuffer buffer(int byteCount) {
    return ByteBuffer.allocateDirect(byteCount).order(ByteOrder.nativeOrder());
  }

  /** A file that has just been made, and its handle. */
  record Made(long file, long handle) {}

  /** The node of a name; 0 where there is none. */
  long lookUp(long directory, byte[] name) throws IOException {
    ask(Opcode.LOOKUP, named(at(directory), name));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  Made create(long directory, byte[] name) throws IOException {
    ByteBuffer in = at(directory).putInt(O_WRONLY_CREAT_EXCL).putInt(NEW_FILE);
    ask(Opcode.CREATE, named(in.putInt(0).putInt(0), name));
    return new Made(
        reply.getLong(Wire.REPLY_HEADER_BYTES),
        reply.getLong(Wire.REPLY_HEADER_BYTES + Wire.ENTRY_OUT_BYTES));
  }

  long makeDirectory(long directory, byte[] name) throws IOException {
    ask(Opcode.MKDIR, named(at(directory).putInt(NEW_DIRECTORY).putInt(0), name));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  long makeSymlink(long directory, byte[] name) throws IOException {
    ask(Opcode.SYMLINK, named(named(at(directory), name), TARGET));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  long open(long file) throws IOException {
    ask(Opcode.OPEN, at(file).putInt(O_RDWR).putInt(0));
    return reply.getLong(Wire.REPLY_HEADER_BYTES);
  }

  void read(long file, long handle) throws IOException {
    ask(Opcode.READ, at(file).putLong(handle).putLong(0).putInt(PAGES_BYTES).putInt(0).putLong(0));
  }

  void write(long file, long handle, long offset, int byteCount) throws IOException {
    ByteBuffer in = at(file).putLong(handle).putLong(offset).putInt(byteCount).putInt(0);
    in.putLong(0).putInt(0).putInt(0);
    ask(Opcode.WRITE, in.position(in.position() + byteCount));
  }

  void sync(long file, long handle) throws IOException {
    ask(Opcode.FSYNC, at(file).putLong(handle).putInt(0).putInt(0));
  }

  void syncDirectory(long directory) throws IOException {
    ask(Opcode.FSYNCDIR, at(directory).putLong(0).putInt(0).putInt(0));
  }

  void close(long file, long handle) throws IOException {
    ask(Opcode.RELEASE, at(file).putLong(handle).putInt(0).putInt(0).putLong(0));
  }

  void attributes(long node) throws IOException {
    ask(Opcode.GETATTR, at(node).putLong(0).putLong(0));
  }

  void setMode(long node) throws IOException {
    setAttributes(node, MODE);
  }

  void setOwners(long node) throws IOException {
    setAttributes(node, OWNERS);
  }

  void setTimes(long node) throws IOException {
    setAttributes(node, TIMES);
  }

  private void setAttributes(long node, int valid) throws IOException {
    ByteBuffer in = at(node).putInt(valid).putInt(0);
    for (int i = 0; i < 6; i++) {
      in.putLong(0); // handle, size, lock owner and three times
    }
    in.putInt(0).putInt(0).putInt(0).putInt(NEW_FILE).putInt(0);
    ask(Opcode.SETATTR, in.putInt(0).putInt(0).putInt(0));
  }

  /** One that the file may have or not. */
  void extendedAttribute(long node) throws IOException {
    ByteBuffer in = named(at(node).putInt(VALUE_BYTES).putInt(0), XATTR);
    ask(Opcode.GETXATTR, in, Set.of(Errno.ENODATA));
  }

  /** A directory's first page. */
  void list(long directory) throws IOException {
    ByteBuffer in = at(directory).putLong(0).putLong(0).putInt(PAGES_BYTES).putInt(0);
    ask(Opcode.READDIRPLUS, in.putLong(0).putInt(0).putInt(0));
  }

  void unlink(long directory, byte[] name) throws IOException {
    ask(Opcode.UNLINK, named(at(directory), name));
  }

  void removeDirectory(long directory, byte[] name) throws IOException {
    ask(Opcode.RMDIR, named(at(directory), name));
  }

  void forget(long node, long lookupCount) throws IOException {
    ask(Opcode.FORGET, at(node).putLong(lookupCount));
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
    ask(opcode, in, Set.of());
  }

  private void ask(int opcode, ByteBuffer in, Set<Errno> expected) throws IOException {
    in.flip().putInt(0, in.limit()).putInt(4, opcode);
    int byteCount = server.serve(in, reply);
    int error = byteCount > 0 ? -reply.getInt(4) : 0;
    if (error != 0 && expected.stream().noneMatch(errno -> errno.code() == error)) {
      throw new IOException(Opcode.name(opcode) + ": errno " + error);
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
