package io.lamina.fuse.protocol;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that the kernel knows, under the numbers it knows them by. A node is here from its
 * first lookup until the kernel has forgotten as many lookups as it made; before it loses a name it
 * is held for that long, so that a file without a name can still be used. A number is never used
 * again. Safe for use by many threads.
 */
final class NodeTable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeTable.class);

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
    volatile long parentInodeNr;
    long lookupCount;
    private Node.@Nullable Hold hold;
    private boolean forgotten;

    Known(long id, Node node, long parentInodeNr) {
      this.id = id;
      this.node = node;
      this.parentInodeNr = parentInodeNr;
    }

    synchronized void keep() throws IOException {
      if (hold == null && !forgotten) {
        hold = node.hold();
      }
    }

    synchronized void letGo() throws IOException {
      forgotten = true;
      if (hold != null) {
        hold.close();
      }
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

  /** The number of a node; 0 where the kernel does not know it. */
  long id(Node node) {
    if (node.equals(root)) {
      return ROOT_ID;
    }
    Known known = knownByNode.get(node);
    return known == null ? 0 : known.id;
  }

  /** The inode number of the directory that a node was first found in; 0 where none is known. */
  long parentInodeNr(long id) {
    Known known = knownById.get(id);
    return known == null ? 0 : known.parentInodeNr;
  }

  /** A directory has come to lie in another. */
  void moved(Node node, long parentInodeNr) {
    Known known = knownByNode.get(node);
    if (known != null) {
      known.parentInodeNr = parentInodeNr;
    }
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

  /**
   * Holds a node, if the kernel knows it, until the kernel forgets it: before it loses a name, or
   * where it has none. Nobody else takes names away, so that no other has to be held.
   */
  void keep(@Nullable Node node) throws IOException {
    Known known = node == null ? null : knownByNode.get(node);
    if (known != null) {
      known.keep();
    }
  }

  /** Takes back lookups of a node; what was never known is passed over. */
  void forget(long id, long lookupCount) {
    Known known = knownById.get(id);
    if (known != null
        && knownByNode.computeIfPresent(known.node, (node, found) -> less(found, lookupCount))
            == null) {
      letGo(known);
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

  /** A file that has no name any more is deleted here. */
  private static void letGo(Known known) {
    try {
      known.letGo();
    } catch (IOException e) {
      LOG.error("{}: {}", known.node, e.getMessage());
    }
  }

  /** How many nodes the kernel knows, the root aside. */
  int size() {
    return knownById.size();
  }

  /** Lets go of all, when the kernel knows none any more. */
  void close() {
    for (Known known : knownById.values()) {
      knownById.remove(known.id);
      knownByNode.remove(known.node);
      letGo(known);
    }
  }
}
