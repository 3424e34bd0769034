package io.lamina.fuse;

import io.lamina.fs.FileTree;
import io.lamina.fuse.FuseDevice.Memory;
import io.lamina.fuse.protocol.Server;
import io.lamina.fuse.protocol.ServerOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import jnr.ffi.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tree shown at a directory, from the mount until somebody unmounts it. */
public final class FuseMount implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(FuseMount.class);

  /** Enough for a tree of trees; the rest of a deep recursion is an error, not a crash. */
  private static final long STACK_BYTES = 1 << 20;

  private final Path directory;
  private final FuseDevice device;
  private final Server server;
  private final CountDownLatch running;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FuseMount(Path directory, FuseDevice device, Server server, int threadCount) {
    this.directory = directory;
    this.device = device;
    this.server = server;
    this.running = new CountDownLatch(threadCount);
  }

  /**
   * Shows a tree at a directory; requests are answered when this returns. The tree stays the
   * caller's to close, after {@link #join}.
   *
   * @throws IOException when it cannot be mounted
   */
  public static FuseMount mount(FileTree tree, Path directory, FuseOptions options)
      throws IOException {
    // As root without allow_other only root comes in, and no mode stops root.
    boolean kernelChecks = options.kernelChecksAccess() || Unmounting.isRoot();
    Server server = new Server(tree, new ServerOptions(kernelChecks));
    FuseDevice device = new FuseDevice(open(directory, options));
    FuseMount mount = new FuseMount(directory, device, server, options.threadCount());
    try {
      mount.shakeHands();
    } catch (IOException | RuntimeException e) {
      Unmounting.detach(directory);
      device.close();
      throw e;
    }
    mount.start(options.threadCount());
    return mount;
  }

  private static int open(Path directory, FuseOptions options) throws IOException {
    LibFuse2 libfuse = NativeCode.libfuse(LibFuse2.class);
    String mountOptions = options.mountOptions(Server.MAX_READ_BYTES);
    FuseArguments arguments = new FuseArguments(FuseOptions.SUBTYPE, "-o", mountOptions);
    Pointer channel = libfuse.fuse_mount(NativeCode.path(directory), arguments.pointer());
    if (channel == null) {
      throw new IOException(directory + ": could not be mounted (-o " + mountOptions + ")");
    }
    return libfuse.fuse_chan_fd(channel);
  }

  /** The kernel's first request says what it speaks. */
  private void shakeHands() throws IOException {
    Memory request = Memory.of(Server.REQUEST_BYTES);
    Memory reply = Memory.of(Server.REPLY_BYTES);
    if (!device.receive(request)) {
      throw new IOException(directory + ": was unmounted again at once");
    }
    if (!Server.speaksTo(request.bytes())) {
      throw new IOException("the kernel's FUSE is older than 7.31 (Linux 5.4)");
    }
    answer(request, reply);
  }

  private void answer(Memory request, Memory reply) {
    int byteCount = server.serve(request.bytes(), reply.bytes());
    if (byteCount > 0) {
      device.send(reply, byteCount);
    }
  }

  private void start(int threadCount) {
    List<Thread> threads = new ArrayList<>();
    for (int i = 1; i <= threadCount; i++) {
      Thread thread = new Thread(null, this::work, "fuse-" + i, STACK_BYTES);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  private void work() {
    try {
      Memory request = Memory.of(Server.REQUEST_BYTES);
      Memory reply = Memory.of(Server.REPLY_BYTES);
      while (device.receive(request)) {
        answer(request, reply);
      }
    } catch (IOException e) {
      LOG.error("{}: {}", directory, e.getMessage());
    } finally {
      running.countDown();
    }
  }

  /** Waits until it is unmounted, by whomever; then nothing is asked of the tree any more. */
  public void join() throws InterruptedException {
    running.await();
    if (!closed.getAndSet(true)) {
      server.close();
      device.close();
    }
  }

  /** Whether it is still mounted. */
  public boolean isMounted() {
    return running.getCount() > 0;
  }

  /**
   * Takes it away at once; who has a file of it open can still read until {@link #join} returns or
   * the process ends.
   */
  @Override
  public void close() throws IOException {
    if (isMounted()) {
      Unmounting.detach(directory);
    }
  }
}
