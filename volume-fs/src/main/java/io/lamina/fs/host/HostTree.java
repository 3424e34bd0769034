package io.lamina.fs.host;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the host with all that lies below it. No symbolic link leads out of it, and what
 * others rename or remove meanwhile is noticed: a file that is no longer where it was gives ESTALE.
 *
 * <p>Whoever runs this process owns what it makes: giving files to others, device nodes and
 * attributes in {@code trusted.} take root, as anywhere.
 *
 * <p>Safe for use by many threads. One lock, shared by who goes by a file's place, alone for who
 * changes places.
 */
public final class HostTree implements FileTree {
  private final TreeCalls calls;
  private final boolean writable;
  private final HostNode root;

  /** One node a file for as long as somebody has it, so that equal nodes are the same. */
  private final Cache<HostStat.Key, HostNode> nodes = Caffeine.newBuilder().weakValues().build();

  /** Places of files: read while one is relied on, written while some change. */
  private final ReadWriteLock places = new ReentrantReadWriteLock();

  private HostTree(TreeCalls calls, Locator rootLocator, boolean writable) throws IOException {
    this.calls = calls;
    this.writable = writable;
    this.root = node(calls.stat(rootLocator.fd()));
    root.pin(rootLocator);
  }

  /**
   * Opens the tree below a directory.
   *
   * @param directory named by a person: its links are followed
   * @param writable whether it may be changed; where not, each call that would gives EROFS
   * @throws IOException when there is no such directory, or no {@code /proc}
   */
  public static HostTree open(Path directory, boolean writable) throws IOException {
    return open(Name.of(directory.toAbsolutePath().toString()), writable);
  }

  /** As {@link #open(Path, boolean)}, with a path of any bytes. */
  public static HostTree open(Name directory, boolean writable) throws IOException {
    TreeCalls calls = TreeCalls.get();
    Locator located = new Locator(calls.locate(directory));
    try {
      calls.close(calls.openDirectory(located.fd()));
      return new HostTree(calls, located, writable);
    } catch (IOException e) {
      located.close();
      if (e instanceof FsException refused && refused.errno() == Errno.EACCES) {
        throw new AccessDeniedException(directory.toString(), null, "Permission denied");
      }
      throw new IOException("directory " + directory + ": " + e.getMessage(), e);
    }
  }

  @Override
  public Node root() {
    return root;
  }

  @Override
  public boolean isWritable() {
    return writable;
  }

  @Override
  public TreeSpace space() throws IOException {
    try (Locator located = root.locate()) {
      return calls.space(located.fd());
    }
  }

  @Override
  public void sync() throws IOException {
    try (Locator located = root.locate()) {
      int fd = calls.openDirectory(located.fd());
      try {
        calls.syncFileSystem(fd);
      } finally {
        calls.close(fd);
      }
    }
  }

  @Override
  public void close() {
    Locators.forgetAllOf(this);
    root.unpin();
  }

  TreeCalls calls() {
    return calls;
  }

  ReadWriteLock places() {
    return places;
  }

  /** The node of a file. */
  HostNode node(HostStat stat) {
    return nodes.get(stat.key(), key -> new HostNode(this, key, stat.attributes().type()));
  }

  /** The node of a file, where somebody has one. */
  @Nullable HostNode knownNode(HostStat stat) {
    return nodes.getIfPresent(stat.key());
  }

  /** A later file with the same key is another. */
  void forget(HostNode node) {
    nodes.asMap().remove(node.key(), node);
  }
}
