package io.lamina.mount;

import io.lamina.fs.FileTree;
import io.lamina.fuse.FuseMount;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a mount, from its checks to its end: by {@code umount}, or by a signal to this
 * process, which then takes the mount away before it goes.
 */
public final class Mount {
  private static final Path FUSE = Path.of("/dev/fuse");

  private static final Logger LOG = LoggerFactory.getLogger(Mount.class);

  /** How long a signalled process waits for those who still read; then they get an error. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final FuseMount mount;
  private final Closeable whatIsShown;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean closed = new AtomicBoolean();

  private Mount(FuseMount mount, Closeable whatIsShown) {
    this.mount = mount;
    this.whatIsShown = whatIsShown;
  }

  /**
   * Begins with what every mount needs and takes long, beside whatever else is done before one:
   * most of a mount's start is the making of calls into the native libraries.
   */
  public static void prepare() {
    FuseMount.prepare();
  }

  /**
   * Checks that a tree can be mounted at a directory, before anything is opened that costs.
   *
   * @throws IOException when not; the message says why, and what to do
   */
  public static void check(Path directory, MountOptions options) throws IOException {
    checkFuse();
    MountPoint.of(directory).checkFree(options.nonEmpty());
  }

  /** libfuse itself says so to nobody but the log. */
  private static void checkFuse() throws IOException {
    if (!Files.exists(FUSE)) {
      throw new IOException(
          FUSE + ": not there; the kernel lacks FUSE, or 'modprobe fuse' loads it");
    }
    if (!Files.isReadable(FUSE) || !Files.isWritable(FUSE)) {
      throw new IOException(FUSE + ": this user may not open it, and so cannot mount");
    }
  }

  /**
   * Mounts a tree; it can be used when this returns.
   *
   * @param source what the table of mounts shows as its source
   * @param whatIsShown closed after the mount's end: the tree, and what it stands on
   */
  public static Mount start(
      FileTree tree, Closeable whatIsShown, String source, Path directory, MountOptions options)
      throws IOException {
    MountPoint point = MountPoint.of(directory);
    point.checkFree(options.nonEmpty());
    CompletableFuture<Mount> starting = new CompletableFuture<>();
    // Before there is a mount: a signal that comes while there begins to be one takes it away, too.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> signalled(starting), "unmount"));
    try {
      FuseMount shown =
          FuseMount.mount(tree, point.path(), options.toFuse(source, tree.isWritable()));
      Mount mount = new Mount(shown, whatIsShown);
      starting.complete(mount);
      return mount;
    } finally {
      starting.cancel(false); // where it failed
    }
  }

  private static void signalled(CompletableFuture<Mount> starting) {
    try {
      starting.join().signalled();
    } catch (CancellationException e) {
      // Nothing was mounted.
    }
  }

  /** How much has been asked of it so far. */
  public long requestCount() {
    return mount.requestCount();
  }

  /** Waits until it is unmounted, then closes what was shown. */
  public void await() throws IOException, InterruptedException {
    mount.join();
    try {
      close();
    } finally {
      ended.countDown();
    }
  }

  private void close() throws IOException {
    if (!closed.getAndSet(true)) {
      whatIsShown.close();
    }
  }

  /**
   * What a signal starts. The thread in {@link #await} does the closing, unless somebody does not
   * let go of his files: what he wrote so far is kept, and he gets errors from then on. To end by a
   * signal is how a mount in the foreground ends, so that it counts as success.
   */
  private void signalled() {
    if (ended.getCount() == 0) {
      return; // It was unmounted: the process ends by itself, with its own exit code.
    }
    try {
      mount.close();
      if (!ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("some files of the mount were still open");
        mount.stop();
        close();
      }
    } catch (IOException e) {
      LOG.error("not ended well: {}", e.getMessage());
      Runtime.getRuntime().halt(1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(0);
  }
}
