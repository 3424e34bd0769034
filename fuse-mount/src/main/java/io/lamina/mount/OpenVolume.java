package io.lamina.mount;

import io.lamina.fs.Errno;
import io.lamina.fs.FileTree;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import io.lamina.fs.NodeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A volume's files from their opening to their closing, which waits for all who are just at it.
 * Whoever comes later, with a node of before, gets ESTALE. Safe for use by many threads.
 */
final class OpenVolume {
  private static final Node.Hold NO_HOLD = () -> {};

  private final VolumeDirectory directory;
  private final FileTree tree;
  private final UseCount openFiles = new UseCount();

  /** Shared by those who use the tree, alone for its closing. */
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;
  private volatile @Nullable NodeSource source;

  OpenVolume(VolumeDirectory directory, FileTree tree) {
    this.directory = directory;
    this.tree = tree;
  }

  VolumeDirectory directory() {
    return directory;
  }

  Node root() throws IOException {
    return new VolumeNode(this, tree.root());
  }

  /** Makes nodes of this volume anew, from what makes those of its tree. */
  NodeSource source(NodeSource ofTree) {
    NodeSource known = source;
    return known != null ? known : firstSource(ofTree);
  }

  /** All nodes have the same. */
  private synchronized NodeSource firstSource(NodeSource ofTree) {
    NodeSource known = source;
    if (known == null) {
      known = (number, generation) -> new VolumeNode(this, ofTree.node(number, generation));
      source = known;
    }
    return known;
  }

  /** Something asked of the tree. */
  interface Use<T> {
    T run() throws IOException;
  }

  /** Something looked for in the tree. */
  interface Search<T> {
    @Nullable T run() throws IOException;
  }

  /** Something done to the tree. */
  interface Change {
    void run() throws IOException;
  }

  /**
   * Asks something while the tree is open.
   *
   * @throws FsException ESTALE when it is not any more
   */
  <T> T use(Use<T> body) throws IOException {
    enter();
    try {
      return body.run();
    } finally {
      leave();
    }
  }

  /** The same for what may not be there. */
  <T> @Nullable T find(Search<T> body) throws IOException {
    enter();
    try {
      return body.run();
    } finally {
      leave();
    }
  }

  /** The same for what gives nothing back. */
  void change(Change body) throws IOException {
    enter();
    try {
      body.run();
    } finally {
      leave();
    }
  }

  private void enter() throws FsException {
    use.readLock().lock();
    if (closed) {
      leave();
      throw new FsException(Errno.ESTALE, directory.toString());
    }
  }

  private void leave() {
    use.readLock().unlock();
  }

  FileTree tree() {
    return tree;
  }

  /** Opens a file, which keeps the tree open until {@link #fileClosed}. */
  <T> T opened(Use<T> opening) throws IOException {
    return use(
        () -> {
          T file = opening.run();
          openFiles.increment();
          return file;
        });
  }

  void fileClosed() {
    openFiles.decrement();
  }

  /** Holds a file, as long as the tree is open. */
  Node.Hold hold(Node node) throws IOException {
    if (!tree.isWritable()) {
      return NO_HOLD; // nothing goes away
    }
    Node.Hold hold = use(node::hold);
    return () -> release(hold);
  }

  private void release(Node.Hold hold) throws IOException {
    use.readLock().lock();
    try {
      if (!closed) {
        hold.close();
      }
    } finally {
      use.readLock().unlock();
    }
  }

  /** Whether no file of it is open. */
  boolean isIdle() {
    return openFiles.isZero();
  }

  /** Waits a while for that. */
  void awaitIdle(Duration patience) {
    openFiles.awaitZero(patience);
  }

  /** Closes the tree, unless a file of it is open. */
  boolean closeIfIdle() throws IOException {
    use.writeLock().lock();
    try {
      if (!openFiles.isZero()) {
        return false;
      }
      close();
      return true;
    } finally {
      use.writeLock().unlock();
    }
  }

  /** Closes the tree. */
  void close() throws IOException {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        tree.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
