package io.lamina.fuse.protocol;

import io.lamina.fs.Caller;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Answers the kernel's requests about one tree. Every request gets a number, whatever the tree
 * throws. Safe for use by many threads, each with its own buffers.
 */
public final class Server implements Closeable {
  static final int PAGE_BYTES = 4096;

  /** The most that one request reads: 256 pages, the kernel's limit. */
  public static final int MAX_READ_BYTES = 1 << 20;

  static final int MAX_WRITE_BYTES = 1 << 20;

  /** What a request needs room for. */
  public static final int REQUEST_BYTES = MAX_WRITE_BYTES + PAGE_BYTES;

  /** What a reply needs room for. */
  public static final int REPLY_BYTES = MAX_READ_BYTES + PAGE_BYTES;

  /** Bytes of a {@link #refuse refusal}. */
  public static final int REFUSAL_BYTES = Wire.REPLY_HEADER_BYTES;

  /** In place of a reply's body: the kernel waits for none. */
  static final int NO_REPLY = Integer.MIN_VALUE;

  private final ServerOptions options;
  private final Problems problems = new Problems();
  private final FileTree tree;
  private final NodeTable nodes;
  private final Handles handles = new Handles();
  private final DirectFiles directFiles = new DirectFiles();
  private final NodeRequests nodeRequests;
  private final NameRequests nameRequests;
  private final ChangeRequests changeRequests;
  private final ContentRequests contentRequests;
  private final ControlRequests controlRequests;

  /**
   * Serves a tree, which stays open when this is closed.
   *
   * @param notices tells the kernel what it did not ask for
   */
  public Server(FileTree tree, ServerOptions options, Notices notices) throws IOException {
    this.tree = tree;
    this.options = options;
    this.nodes = new NodeTable(tree.root());
    this.nodeRequests = new NodeRequests(tree, nodes);
    this.nameRequests = new NameRequests(nodes, handles, directFiles);
    this.changeRequests = new ChangeRequests(nodes, directFiles);
    this.contentRequests =
        new ContentRequests(tree, nodes, handles, directFiles, problems, notices);
    this.controlRequests = new ControlRequests(tree, nodes, options);
  }

  /** Whether the kernel whose first request this is speaks what is spoken here. */
  public static boolean speaksTo(ByteBuffer firstRequest) {
    return Handshake.isSupported(new Request(firstRequest));
  }

  /** Whether a request is about no file but about the session: its start, its end. */
  public static boolean isAboutSession(ByteBuffer request) {
    int opcode = new Request(request).opcode();
    return opcode == Opcode.INIT || opcode == Opcode.DESTROY;
  }

  /** Whether the answer to a request waits for a disk, or takes as long as what is asked for. */
  public static boolean waits(ByteBuffer request) {
    return switch (new Request(request).opcode()) {
      case Opcode.FSYNC, Opcode.FSYNCDIR, Opcode.SYNCFS, Opcode.FALLOCATE, Opcode.COPY_FILE_RANGE ->
          true;
      default -> false;
    };
  }

  /**
   * Makes the answer to a request that nothing could be done about, without taking memory.
   *
   * @param reply room for {@link #REFUSAL_BYTES}
   * @return whether it is to be sent: some requests have no answer
   */
  public static boolean refuse(ByteBuffer request, ByteBuffer reply) {
    request.order(ByteOrder.nativeOrder());
    reply.order(ByteOrder.nativeOrder());
    Wire.replyHeader(reply, REFUSAL_BYTES, -Errno.EIO.code(), Request.unique(request));
    return switch (Request.opcode(request)) {
      case Opcode.FORGET, Opcode.BATCH_FORGET, Opcode.INTERRUPT, Opcode.NOTIFY_REPLY -> false;
      default -> true;
    };
  }

  /**
   * Answers one request.
   *
   * @param request as the kernel wrote it, from 0 to the limit
   * @param reply room for {@link #REPLY_BYTES}, in which the reply starts at 0
   * @return how long the reply is; 0 where there must be none
   */
  public int serve(ByteBuffer request, ByteBuffer reply) {
    Request asked = new Request(request);
    int result = result(asked, reply);
    if (result == NO_REPLY) {
      return 0;
    }
    int byteCount = Wire.REPLY_HEADER_BYTES + Math.max(result, 0);
    reply.order(ByteOrder.nativeOrder());
    Wire.replyHeader(reply, byteCount, Math.min(result, 0), asked.unique());
    return byteCount;
  }

  /** The one door: a count of bytes, a negative errno, or {@link #NO_REPLY}. */
  private int result(Request request, ByteBuffer reply) {
    try {
      ByteBuffer body =
          reply.slice(Wire.REPLY_HEADER_BYTES, MAX_READ_BYTES).order(ByteOrder.nativeOrder());
      return body(request, body);
    } catch (IOException | RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return -problems.errnoOf(Opcode.name(request.opcode()), about(request), e);
    }
  }

  private Object about(Request request) {
    try {
      return nodes.node(request.nodeId());
    } catch (IOException e) {
      return "node " + request.nodeId();
    }
  }

  private int body(Request request, ByteBuffer out) throws IOException {
    return switch (request.opcode()) {
      case Opcode.READ -> contentRequests.read(request, out);
      case Opcode.LOOKUP -> nodeRequests.lookup(request, out);
      case Opcode.GETATTR -> nodeRequests.getattr(request, out);
      case Opcode.OPEN -> contentRequests.open(request, out);
      case Opcode.RELEASE -> contentRequests.release(request);
      case Opcode.READDIR -> contentRequests.readdir(request, out, false);
      case Opcode.READDIRPLUS -> contentRequests.readdir(request, out, true);
      case Opcode.FORGET -> nodeRequests.forget(request);
      case Opcode.BATCH_FORGET -> nodeRequests.batchForget(request);
      case Opcode.READLINK -> nodeRequests.readlink(request, out);
      case Opcode.GETXATTR -> nodeRequests.getxattr(request, out);
      case Opcode.LISTXATTR -> nodeRequests.listxattr(request, out);
      case Opcode.STATFS -> nodeRequests.statfs(request, out);
      case Opcode.LSEEK -> contentRequests.lseek(request, out);
      case Opcode.IOCTL -> controlRequests.ioctl(request, out);
      case Opcode.INIT -> init(request, out);
      default -> Caller.as(request.owner(), () -> change(request, out));
    };
  }

  /** Requests that change something. */
  private int change(Request request, ByteBuffer out) throws IOException {
    return switch (request.opcode()) {
      case Opcode.WRITE -> contentRequests.write(request, out);
      case Opcode.CREATE -> nameRequests.create(request, out);
      case Opcode.TMPFILE -> nameRequests.createUnnamed(request, out);
      case Opcode.MKNOD -> nameRequests.mknod(request, out);
      case Opcode.MKDIR -> nameRequests.mkdir(request, out);
      case Opcode.SYMLINK -> nameRequests.symlink(request, out);
      case Opcode.LINK -> nameRequests.link(request, out);
      case Opcode.UNLINK -> nameRequests.unlink(request);
      case Opcode.RMDIR -> nameRequests.rmdir(request);
      case Opcode.RENAME -> nameRequests.rename(request);
      case Opcode.RENAME2 -> nameRequests.rename2(request);
      case Opcode.SETATTR -> changeRequests.setattr(request, out);
      case Opcode.SETXATTR -> changeRequests.setxattr(request);
      case Opcode.REMOVEXATTR -> changeRequests.removexattr(request);
      case Opcode.COPY_FILE_RANGE -> contentRequests.copyRange(request, out);
      case Opcode.FALLOCATE -> contentRequests.fallocate(request);
      case Opcode.FSYNC -> contentRequests.fsync(request);
      case Opcode.FSYNCDIR -> contentRequests.fsyncDirectory(request);
      case Opcode.SYNCFS -> sync();
      default -> withoutBody(request.opcode());
    };
  }

  private int init(Request request, ByteBuffer out) {
    changeRequests.expectExtendedSetxattr(Handshake.extendsSetxattr(request));
    directFiles.allow(Handshake.mapsDirectFiles(request));
    return Handshake.answer(request, out, options);
  }

  private int sync() throws IOException {
    tree.sync();
    return 0;
  }

  /**
   * All other requests. ENOSYS tells the kernel not to ask again: then it opens directories by
   * itself and keeps their listings, flushes nothing at close, for all was written already, and
   * lets whoever may come in look. An interrupt gets no reply: the request that it means gets its
   * own, and soon.
   */
  private static int withoutBody(int opcode) {
    return switch (opcode) {
      case Opcode.DESTROY, Opcode.RELEASEDIR -> 0;
      case Opcode.INTERRUPT, Opcode.NOTIFY_REPLY -> NO_REPLY;
      default -> -Errno.ENOSYS.code();
    };
  }

  /**
   * The messages that make the kernel look up a name and list its directory anew; none where it
   * knows nothing of the directory. To be sent without answering anybody meanwhile: the kernel may
   * wait for a request that has the directory locked.
   */
  public List<ByteBuffer> lookUpAnew(Node directory, Name name) {
    long id = nodes.id(directory);
    return id == 0
        ? List.of()
        : List.of(Notice.directoryChanged(id), Notice.entryChanged(id, name));
  }

  /** Whether the kernel knows too much, and {@link #takeBack} should be sent; said once. */
  public boolean hasSurplus() {
    return nodes.surplus().isDue();
  }

  /** The messages that make the kernel forget; to be sent as {@link #lookUpAnew}'s are. */
  public List<ByteBuffer> takeBack() {
    return nodes.surplus().takeOld();
  }

  @Override
  public void close() {
    handles.closeAll();
    nodes.close();
  }
}
