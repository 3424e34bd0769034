package io.lamina.fs.host;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.threads.DaemonThreads;
import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Copies files of one tree to the host: what {@code cp -r} and {@code cp -a} do.
 *
 * <p>One thread walks and makes all names, so that links find what they link to and a directory has
 * its times when it is left; others fill the files. Whatever the tree holds, nothing is made
 * outside the directory that was asked for: names that lead away are refused, links are not
 * followed. What is in the way is replaced, but a directory only by a directory, into which is
 * copied.
 *
 * <p>For one thread, the listener apart.
 */
public final class HostCopy implements Closeable {
  private static final int FILES_WAITING = 64;
  private static final int MAX_THREADS = 4;
  private static final long WAIT_DAYS = 365;

  private final Libc libc = Libc.get();
  private final boolean recursive;
  private final boolean preserve;
  private final CopyListener listener;
  private final AttributeCopy attributeCopy;
  private final HardLinks hardLinks = new HardLinks();
  private final Set<Long> directoriesSeen = new HashSet<>();
  private final Deque<DirectoryWalk> open = new ArrayDeque<>();
  private final ThreadPoolExecutor fillers;

  /**
   * Copies out of one tree; close it to have all of it on the host.
   *
   * @param recursive whether directories are copied at all
   * @param preserve whether owner, mode, times, extended attributes and hard links are kept; else
   *     files are made as a new file is, with the mode that the process's mask leaves
   */
  public HostCopy(boolean recursive, boolean preserve, CopyListener listener) {
    this.recursive = recursive;
    this.preserve = preserve;
    this.listener = listener;
    this.attributeCopy = new AttributeCopy(libc, preserve);
    int threads = Math.max(1, Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
    this.fillers =
        new ThreadPoolExecutor(
            threads,
            threads,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(FILES_WAITING),
            DaemonThreads.named("copy"),
            (task, pool) -> task.run()); // CallerRunsPolicy would drop it during a shutdown
  }

  /**
   * Copies a file, or a directory with all that is in it.
   *
   * @param directory path of the directory of the host to copy into
   * @param name the name it gets there
   * @throws IOException when that directory cannot be opened; all else goes to the listener
   */
  public void copy(Node node, Name directory, Name name) throws IOException {
    try (HostDirectory host = HostDirectory.at(libc, directory)) {
      copyEntry(node, host, name);
      walk();
    }
  }

  /**
   * Copies all that is in a directory into one that is there, and with {@code preserve} its
   * attributes too.
   *
   * @param directory path of the directory of the host to copy into
   * @throws IOException when that directory cannot be opened; all else goes to the listener
   */
  public void copyInto(Node node, Name directory) throws IOException {
    Attributes attributes = node.attributes();
    enter(node, attributes, HostDirectory.at(libc, directory));
    walk();
  }

  private void walk() throws IOException {
    while (!open.isEmpty()) {
      DirectoryWalk walk = open.getLast();
      Name entry = walk.next();
      if (entry == null) {
        open.removeLast();
        leave(walk);
        continue;
      }
      Node child = null;
      try {
        child = walk.child(entry);
      } catch (IOException e) {
        failed(walk.host(), entry, e);
      }
      if (child != null) {
        copyEntry(child, walk.host(), entry);
      }
    }
  }

  private void leave(DirectoryWalk walk) throws IOException {
    HostDirectory host = walk.host();
    AttributeCopy.Problems problems = e -> failed(host, Name.of("."), e);
    IOException listing = walk.problem();
    if (listing != null) {
      problems.add(listing);
    }
    attributeCopy.toOpen(host.fd(), walk.node(), walk.attributes(), problems);
    host.close();
    listener.made();
  }

  private void copyEntry(Node node, HostDirectory host, Name name) {
    try {
      Attributes attributes = node.attributes();
      if (preserve && hardLinks.link(attributes, host, name)) {
        listener.made();
        return;
      }
      switch (attributes.type()) {
        case DIRECTORY -> copyDirectory(node, attributes, host, name);
        case REGULAR -> copyFile(node, attributes, host, name);
        case SYMLINK -> {
          host.symlink(name, node.readLink());
          named(node, attributes, host, name);
        }
        default -> {
          host.node(
              name,
              attributes.type(),
              attributeCopy.initialPermissions(attributes),
              Libc.device(attributes.deviceMajor(), attributes.deviceMinor()));
          named(node, attributes, host, name);
        }
      }
      hardLinks.made(attributes, host, name);
    } catch (IOException e) {
      failed(host, name, e);
    }
  }

  private void named(Node node, Attributes attributes, HostDirectory host, Name name) {
    attributeCopy.toName(host, name, node, attributes, e -> failed(host, name, e));
    listener.made();
  }

  private void copyFile(Node node, Attributes attributes, HostDirectory host, Name name)
      throws IOException {
    int fd = host.file(name, attributeCopy.initialPermissions(attributes));
    ContentCopy content =
        new ContentCopy(
            libc, attributeCopy, node, attributes, fd, listener, e -> failed(host, name, e));
    fillers.execute(() -> content.run(fillers));
  }

  private void copyDirectory(Node node, Attributes attributes, HostDirectory host, Name name)
      throws IOException {
    if (!recursive) {
      throw new FsException(Errno.EISDIR, "not copied without -r");
    }
    HostDirectory made = host.directory(name, attributeCopy.initialPermissions(attributes));
    enter(node, attributes, made);
  }

  private void enter(Node node, Attributes attributes, HostDirectory host) throws IOException {
    if (!directoriesSeen.add(attributes.inodeNr())) {
      host.close();
      throw new FsException(Errno.ELOOP, "directory with a second name");
    }
    open.addLast(new DirectoryWalk(node, attributes, host));
  }

  private void failed(HostDirectory host, Name name, IOException problem) {
    listener.failed(host.pathOf(name), problem);
  }

  /** Waits until all files are filled. */
  @Override
  public void close() throws IOException {
    fillers.shutdown();
    try {
      fillers.awaitTermination(WAIT_DAYS, TimeUnit.DAYS);
    } catch (InterruptedException e) {
      fillers.shutdownNow();
      Thread.currentThread().interrupt();
      throw new FsException(Errno.EINTR, "copy");
    }
    @Nullable DirectoryWalk left;
    while ((left = open.pollLast()) != null) {
      left.host().close();
    }
  }
}
