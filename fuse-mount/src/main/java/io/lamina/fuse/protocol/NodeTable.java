package io.lamina.fuse.protocol;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.NodeKey;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that the kernel knows, under the numbers it knows them by. A node is here from its
 * first lookup until the kernel has forgotten as many lookups as it made; before it loses a name it
 * is held for that long, so that a file without a name can still be used. A number is never used
 * again. Safe for use by many threads.
 *
 * <p>The kernel knows as many as its own memory lets it, which may be far more than ours does. So
 * of a node that has a {@link NodeKey} only that is kept; and when the table {@link #isFull}, the
 * kernel is made to forget what comes on top.
 */
final class NodeTable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeTable.class);

  /** {@code FUSE_ROOT_ID}: never looked up, never forgotten. */
  static final long ROOT_ID = 1;

  /** Some 45 MB. */
  private static final int MOST_NODES = 1 << 20;

  /** What a node takes that is kept itself, in nodes that are not. */
  private static final int KEPT_WEIGHT = 16;

  /** So few, of those it has room for, are no reason why memory is short. */
  private static final int FEW_SHARE = 8;

  private static final int FIRST_ID = 2;
  private static final int HOLDING_LOCKS = 64;

  private final Node root;
  private final int mostNodes;
  private final BooleanSupplier isMemoryShort;
  private final SurplusNames surplus = new SurplusNames();
  private final ConcurrentHashMap<Long, Node.Hold> holds = new ConcurrentHashMap<>();
  private final Object[] holding = new Object[HOLDING_LOCKS];

  @GuardedBy("this")
  private final NodeSlots slots = new NodeSlots();

  @GuardedBy("this")
  private final NodeSources sources = new NodeSources();

  @GuardedBy("this")
  private final KeptNodes kept = new KeptNodes();

  NodeTable(Node root) {
    this(root, MOST_NODES, Heap::isShort);
  }

  NodeTable(Node root, int mostNodes, BooleanSupplier isMemoryShort) {
    this.root = root;
    this.mostNodes = mostNodes;
    this.isMemoryShort = isMemoryShort;
    for (int i = 0; i < HOLDING_LOCKS; i++) {
      holding[i] = new Object();
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
    Node known = known(id);
    if (known == null) {
      throw new FsException(Errno.ESTALE, "node " + id);
    }
    return known;
  }

  private synchronized @Nullable Node known(long id) {
    int slot = slot(id);
    return slot == NodeSlots.NONE ? null : node(slot);
  }

  @GuardedBy("this")
  private Node node(int slot) {
    return sources.source(slots.source(slot)).node(slots.number(slot), slots.generation(slot));
  }

  /** The number of a node; 0 where the kernel does not know it. */
  long id(Node node) {
    return node.equals(root) ? ROOT_ID : knownId(node);
  }

  private synchronized long knownId(Node node) {
    int slot = find(node);
    return slot == NodeSlots.NONE ? 0 : id(slot);
  }

  /** How often its slot was used before makes it a number of its own. */
  @GuardedBy("this")
  private long id(int slot) {
    return ((long) slots.use(slot) & 0x7fff_ffff) << Integer.SIZE | (slot + FIRST_ID);
  }

  @GuardedBy("this")
  private int slot(long id) {
    int slot = (int) id - FIRST_ID;
    boolean isKnown =
        slot >= 0 && slot < slots.slotCount() && slots.lookups(slot) > 0 && id(slot) == id;
    return isKnown ? slot : NodeSlots.NONE;
  }

  @GuardedBy("this")
  private int find(Node node) {
    NodeKey own = node.nodeKey();
    NodeKey key = own != null ? own : kept.key(node);
    return key == null ? NodeSlots.NONE : find(key);
  }

  @GuardedBy("this")
  private int find(NodeKey key) {
    int source = sources.index(key.source());
    return source < 0 ? NodeSlots.NONE : slots.find(source, key.number(), key.generation());
  }

  /** The inode number of the directory that a node was first found in; 0 where none is known. */
  synchronized long parentInodeNr(long id) {
    int slot = slot(id);
    return slot == NodeSlots.NONE ? 0 : slots.parent(slot);
  }

  /** A directory has come to lie in another. */
  synchronized void moved(Node node, long parentInodeNr) {
    int slot = find(node);
    if (slot != NodeSlots.NONE) {
      slots.setParent(slot, parentInodeNr);
    }
  }

  /** Counts one lookup of a node, and gives its number. */
  synchronized long lookUp(Node node, long parentInodeNr) {
    int slot = find(node);
    if (slot == NodeSlots.NONE) {
      NodeKey own = node.nodeKey();
      NodeKey key = own != null ? own : kept.keep(node);
      int source = sources.add(key.source());
      slot = slots.add(source, key.number(), key.generation(), parentInodeNr);
    }
    slots.setLookups(slot, slots.lookups(slot) + 1);
    return id(slot);
  }

  /**
   * Whether the kernel knows more than should be remembered, or than there is memory for: what it
   * looks up from now on are {@link SurplusNames}.
   */
  synchronized boolean isFull() {
    int weight = slots.size() + (KEPT_WEIGHT - 1) * kept.size();
    return weight >= mostNodes || (weight >= mostNodes / FEW_SHARE && isMemoryShort.getAsBoolean());
  }

  /** The kernel was told of a file by a name; of one that is no directory. */
  void named(long directoryId, Name name) {
    if (isFull()) {
      surplus.add(directoryId, name);
    }
  }

  SurplusNames surplus() {
    return surplus;
  }

  /**
   * Holds a node, if the kernel knows it, until the kernel forgets it: before it loses a name, or
   * where it has none. Nobody else takes names away, so that no other has to be held.
   */
  void keep(@Nullable Node node) throws IOException {
    long id = node == null ? 0 : knownId(node);
    if (node == null || id == 0) {
      return;
    }
    synchronized (holdingLock(id)) {
      if (known(id) != null && !holds.containsKey(id)) {
        holds.put(id, node.hold());
      }
    }
  }

  private Object holdingLock(long id) {
    return holding[(int) (id % HOLDING_LOCKS)];
  }

  /** Takes back lookups of a node; what was never known is passed over. */
  void forget(long id, long lookupCount) {
    if (isForgotten(id, lookupCount)) {
      letGo(id);
    }
  }

  private synchronized boolean isForgotten(long id, long lookupCount) {
    int slot = slot(id);
    if (slot == NodeSlots.NONE) {
      return false;
    }
    long left = slots.lookups(slot) - lookupCount;
    if (left > 0) {
      slots.setLookups(slot, left);
      return false;
    }
    if (sources.source(slots.source(slot)) == kept) {
      kept.drop(slots.number(slot));
    }
    sources.remove(slots.source(slot));
    slots.remove(slot);
    return true;
  }

  /** A file that has no name any more is deleted here. */
  private void letGo(long id) {
    synchronized (holdingLock(id)) {
      Node.Hold hold = holds.remove(id);
      if (hold != null) {
        try {
          hold.close();
        } catch (IOException e) {
          LOG.error("node {}: {}", id, e.getMessage());
        }
      }
    }
  }

  /** How many nodes the kernel knows, the root aside. */
  synchronized int size() {
    return slots.size();
  }

  /** Lets go of all, when the kernel knows none any more. */
  void close() {
    for (long id : holds.keySet()) {
      letGo(id);
    }
  }
}
