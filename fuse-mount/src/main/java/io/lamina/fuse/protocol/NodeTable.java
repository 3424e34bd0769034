package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that the kernel knows, under the numbers it knows them by. A node is here from its
 * first lookup until the kernel has forgotten as many lookups as it made. A number is never used
 * again. Safe for use by many threads.
 */
final class NodeTable {
  /** {@code FUSE_ROOT_ID}: never looked up, never forgotten. */
  static final long ROOT_ID = 1;

  private final Node root;
  private final ConcurrentHashMap<Long, Known> knownById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Node, Known> knownByNode = new ConcurrentHashMap<>();
  private final AtomicLong lastId = new AtomicLong(ROOT_ID);

  NodeTable(Node root) {
    this.root = root;
  }

  /** A node and how often the kernel looked it up; the count is changed under its key's lock. */
  private static final class Known {
    final long id;
    final Node node;
    final long parentInodeNr;
    long lookupCount;

    Known(long id, Node node, long parentInodeNr) {
      this.id = id;
      this.node = node;
      this.parentInodeNr = parentInodeNr;
    }
  }

  /**
   * The node of a number.
   *
   * @throws FsException ESTALE where the kernel was never told of it, or forgot it
   */
  Node node(long id) throws FsException {
    if (id == ROOT_ID) {
      return root;
    }
    Known known = knownById.get(id);
    if (known == null) {
      throw new FsException(Errno.ESTALE, "node " + id);
    }
    return known.node;
  }

  /** The inode number of the directory that a node was first found in; 0 where none is known. */
  long parentInodeNr(long id) {
    Known known = knownById.get(id);
    return known == null ? 0 : known.parentInodeNr;
  }

  /** Counts one lookup of a node, and gives its number. */
  long lookUp(Node node, long parentInodeNr) {
    Known known = knownByNode.compute(node, (key, found) -> counted(key, found, parentInodeNr));
    return known.id;
  }

  private Known counted(Node node, @Nullable Known found, long parentInodeNr) {
    Known known = found;
    if (known == null) {
      known = new Known(lastId.incrementAndGet(), node, parentInodeNr);
      knownById.put(known.id, known);
    }
    known.lookupCount++;
    return known;
  }

  /** Takes back lookups of a node; what was never known is passed over. */
  void forget(long id, long lookupCount) {
    Known known = knownById.get(id);
    if (known != null) {
      knownByNode.computeIfPresent(known.node, (node, found) -> less(found, lookupCount));
    }
  }

  private @Nullable Known less(Known known, long lookupCount) {
    known.lookupCount -= lookupCount;
    if (known.lookupCount > 0) {
      return known;
    }
    knownById.remove(known.id);
    return null;
  }

  /** How many nodes the kernel knows, the root aside. */
  int size() {
    return knownById.size();
  }
}
