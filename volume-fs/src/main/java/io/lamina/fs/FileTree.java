package io.lamina.fs;

import java.io.Closeable;
import java.io.IOException;

/**
 * A tree of files that can be shown, and where it {@link #isWritable} changed: a volume's, a host
 * directory's, one made of others.
 */
public interface FileTree extends Closeable {
  /** Its root directory. */
  Node root() throws IOException;

  /** What {@code statfs} tells of it. */
  TreeSpace space() throws IOException;

  /**
   * What {@code statfs} tells at one of its nodes: where a tree is made of others, of the one that
   * the node belongs to.
   */
  default TreeSpace space(Node node) throws IOException {
    return space();
  }

  /** Whether its files can be changed; where not, each call that would change one gives EROFS. */
  default boolean isWritable() {
    return false;
  }

  /**
   * Lets somebody who keeps what he found hear of names that change by themselves. In most trees
   * none does.
   */
  default void listen(EntryListener listener) {}

  /** Returns when everything changed so far outlives a power cut: what {@code syncfs} does. */
  default void sync() throws IOException {}

  /** The same for what one of its nodes belongs to, where a tree is made of others. */
  default void sync(Node node) throws IOException {
    sync();
  }

  /**
   * Tells the storage below which space no file takes: {@code FITRIM}.
   *
   * @param offset where to begin, in bytes of that storage
   * @param length how far to go
   * @param minimum the shortest run worth telling
   * @return how many bytes were told
   * @throws FsException EOPNOTSUPP where the storage is not told of such things
   */
  default long trim(long offset, long length, long minimum) throws IOException {
    throw new FsException(Errno.EOPNOTSUPP, "trim");
  }

  /** The same for what one of its nodes belongs to, where a tree is made of others. */
  default long trim(Node node, long offset, long length, long minimum) throws IOException {
    return trim(offset, length, minimum);
  }

  @Override
  void close() throws IOException;
}
