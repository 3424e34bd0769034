package io.lamina.fuse;

import io.lamina.fs.FileTree;
import io.lamina.fuse.FuseDevice.Memory;
import io.lamina.fuse.protocol.Server;
import io.lamina.fuse.protocol.ServerOptions;
import io.lamina.threads.DaemonThreads;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tree shown at a directory, from the mount until somebody unmounts it. */
public final class FuseMount implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(FuseMount.class);

  /** Enough for a tree of trees; the rest of a deep recursion is an error, not a crash. */
  private static final long STACK_BYTES = 1 << 20;

  /** The process's exit code when it could not go on. */
  private static final int ABANDONED = 3;

  private final Path directory;
  private final FuseDevice device;
  private final Session session;
  private final CountDownLatch running;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Receivers receivers = new Receivers();
  private final LongAdder requestCount = new LongAdder();

  /** Shared by those who answer, alone for the one who stops them. */
  private final ReentrantReadWriteLock answering = new ReentrantReadWriteLock();

  private boolean stopped;

  private FuseMount(Path directory, FuseDevice device, Session session, int threadCount) {
    this.directory = directory;
    this.device = device;
    this.session = session;
    this.running = new CountDownLatch(threadCount);
  }

  /** Begins to load the native libraries, in a thread of its own; {@link #mount} does the rest. */
  public static void prepare() {
    DaemonThreads.thread("native-code", NativeCode::load).start();
  }

  /**
   * Shows a tree at a directory; requests are answered when this returns. The tree stays the
   * caller's to close, after {@link #join}.
   *
   * @throws IOException when it cannot be mounted
   */
  public static FuseMount mount(FileTree tree, Path directory, FuseOptions options)
      throws IOException {
    String mountOptions = options.mountOptions(Server.MAX_READ_BYTES, tree.isWritable());
    LibFuseSession carrier =
        LibFuseSession.mounted(directory, mountOptions, new WritingCallbacks(tree));
    FuseDevice device = carrier.device();
    try {
      Memory request = Memory.of(Server.REQUEST_BYTES);
      if (!device.receive(request)) {
        throw new IOException(directory + ": was unmounted again at once");
      }
      // The kernel's first request says what it speaks.
      boolean speaks = Server.speaksTo(request.bytes()) && !options.throughLibFuse();
      Session session = speaks ? protocol(tree, options, device, carrier) : carrier;
      FuseMount mount = started(directory, device, session, request, options.threadCount());
      tree.listen(session);
      return mount;
    } catch (IOException | RuntimeException e) {
      carrier.close();
      throw e;
    }
  }

  private static Session protocol(
      FileTree tree, FuseOptions options, FuseDevice device, LibFuseSession carrier)
      throws IOException {
    // As root without allow_other only root comes in, and no mode stops root.
    boolean kernelChecks = options.kernelChecksAccess() || Unmounting.isRoot();
    ServerOptions served = new ServerOptions(kernelChecks, NativeCode.libc().geteuid());
    KernelNotices notices = new KernelNotices(device);
    Server server = new Server(tree, served, notices);
    return new ProtocolSession(device, server, carrier, notices);
  }

  /** Answers the first request, then lets the threads go. */
  static FuseMount started(
      Path directory, FuseDevice device, Session session, Memory firstRequest, int threadCount) {
    session.worker().answer(firstRequest);
    FuseMount mount = new FuseMount(directory, device, session, threadCount);
    mount.start(threadCount);
    return mount;
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
      Memory refusal = Memory.of(Server.REFUSAL_BYTES);
      Session.Worker worker = session.worker();
      Receivers.Receiver receiver = receivers.join();
      while (device.receive(request)) {
        try {
          receiver.begin(Server.waits(request.bytes()));
          if (!answer(worker, request)) {
            return;
          }
        } catch (OutOfMemoryError e) {
          refuse(request, refusal);
        }
        receiver.end();
      }
    } catch (IOException e) {
      LOG.error("{}: {}", directory, e.getMessage());
    } catch (RuntimeException | Error e) {
      abandon(e);
    } finally {
      receivers.end();
      running.countDown();
    }
  }

  /**
   * Something went wrong outside of any request, so that locks may be held by nobody and requests
   * stay without an answer: it is as if the power failed, which whoever asks is told of, instead of
   * waiting for ever.
   */
  private void abandon(Throwable reason) {
    try {
      LOG.error("{}: cannot go on: {}", directory, reason, reason);
    } finally {
      Runtime.getRuntime().halt(ABANDONED);
    }
  }

  /** Who is not answered waits for ever, and no signal ends that. */
  private void refuse(Memory request, Memory refusal) {
    if (Server.refuse(request.bytes(), refusal.bytes())) {
      device.send(refusal, Server.REFUSAL_BYTES);
    }
  }

  /** Whether it goes on: once nothing is answered any more, who asks waits for our end. */
  private boolean answer(Session.Worker worker, Memory request) {
    requestCount.increment();
    answering.readLock().lock();
    try {
      if (!stopped) {
        worker.answer(request);
      }
      return !stopped;
    } finally {
      answering.readLock().unlock();
    }
  }

  /**
   * Answers nothing more, though it may still be in use: when this returns nothing is asked of the
   * tree any more, and nothing of it is open. Only to be followed by the end of the process.
   */
  public void stop() {
    answering.writeLock().lock();
    try {
      if (!stopped && !closed.getAndSet(true)) {
        stopped = true;
        session.letGo();
      }
    } finally {
      answering.writeLock().unlock();
    }
  }

  /** Waits until it is unmounted, by whomever; then nothing is asked of the tree any more. */
  public void join() throws InterruptedException {
    running.await();
    if (!closed.getAndSet(true)) {
      session.close();
    }
  }

  /** How much has been asked of it so far. */
  public long requestCount() {
    return requestCount.sum();
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
