package io.lamina.thin;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.btree.Node;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of one tree. Leaves in use are remembered, each under the blocks it was asked for,
 * so that most lookups neither descend nor ask the block cache: those take no lock.
 */
final class StoredMappings implements Mappings {
  /** Blocks that share one remembered leaf: about as many as a leaf holds of a dense volume. */
  private static final int SLOT_SHIFT = 7;

  private static final int SLOTS = 64;

  private final LeafSource source;
  private final long maxBlockNr;
  private final AtomicReferenceArray<@Nullable Leaf> remembered = new AtomicReferenceArray<>(SLOTS);

  /** Where leaves come from, and what their entries are checked against. */
  interface LeafSource {
    /**
     * The leaf that has the say about a block.
     *
     * @param remember to be called with it before the tree may change
     */
    Leaf leaf(long virtualBlockNr, Consumer<Leaf> remember) throws IOException;

    /** Metadata that know the highest data block and the present time. */
    PoolMetadata metadata();
  }

  /** The mappings of a tree that stays as it is. */
  StoredMappings(PoolMetadata metadata, long root) {
    this(
        new LeafSource() {
          @Override
          public Leaf leaf(long virtualBlockNr, Consumer<Leaf> remember) throws IOException {
            Leaf leaf = metadata.mappings().leaf(root, virtualBlockNr);
            remember.accept(leaf);
            return leaf;
          }

          @Override
          public PoolMetadata metadata() {
            return metadata;
          }
        });
  }

  StoredMappings(LeafSource source) {
    this.source = source;
    this.maxBlockNr = Long.MAX_VALUE / source.metadata().shown().dataBlockBytes() - 1;
  }

  /** The tree is about to look different: what is remembered of it is out of date. */
  void forget() {
    for (int slot = 0; slot < SLOTS; slot++) {
      remembered.setRelease(slot, null);
    }
  }

  /** The tree is about to look different where these blocks are. */
  void forget(long virtualBlockNr, long blockCount) {
    for (int slot = 0; slot < SLOTS; slot++) {
      Leaf leaf = remembered.getAcquire(slot);
      if (leaf != null
          && Long.compareUnsigned(leaf.firstKey(), virtualBlockNr + blockCount) < 0
          && Long.compareUnsigned(leaf.lastKey(), virtualBlockNr) >= 0) {
        remembered.setRelease(slot, null);
      }
    }
  }

  private Leaf leaf(long virtualBlockNr) throws IOException {
    int slot = (int) (virtualBlockNr >>> SLOT_SHIFT) & (SLOTS - 1);
    Leaf known = remembered.getAcquire(slot);
    return known != null && known.covers(virtualBlockNr)
        ? known
        : source.leaf(virtualBlockNr, found -> remembered.setRelease(slot, found));
  }

  @Override
  public MappedRun run(long virtualBlockNr, long maxBlocks, int snapshottedTime)
      throws IOException {
    Leaf leaf = leaf(virtualBlockNr);
    Node node = leaf.node();
    int index = node == null ? -1 : node.floorIndex(virtualBlockNr);
    if (node == null || index < 0 || node.key(index) != virtualBlockNr) {
      return unmapped(leaf, index + 1, virtualBlockNr, maxBlocks);
    }
    PoolMetadata metadata = source.metadata();
    long value = metadata.checkedMapping(node, index);
    long first = Mapping.dataBlockNr(value);
    boolean shared = Mapping.time(value) < snapshottedTime;
    return maxBlocks == 1
        ? new MappedRun(first, 1, shared)
        : mapped(leaf, index, virtualBlockNr, value, maxBlocks, snapshottedTime);
  }

  private MappedRun mapped(
      Leaf start, int startIndex, long virtualBlockNr, long value, long max, int snapshottedTime)
      throws IOException {
    PoolMetadata metadata = source.metadata();
    long first = Mapping.dataBlockNr(value);
    boolean shared = Mapping.time(value) < snapshottedTime;
    Leaf leaf = start;
    int index = startIndex + 1;
    long count = 1;
    while (count < max) {
      Node node = leaf.node();
      if (node == null || index == node.entryCount()) {
        if (leaf.isLast()) {
          break;
        }
        leaf = leaf(leaf.lastKey() + 1);
        index = 0;
        if (leaf.node() == null) {
          break;
        }
        continue;
      }
      if (node.key(index) != virtualBlockNr + count) {
        break;
      }
      long next = metadata.checkedMapping(node, index);
      if (Mapping.dataBlockNr(next) != first + count
          || (Mapping.time(next) < snapshottedTime) != shared) {
        break;
      }
      count++;
      index++;
    }
    return new MappedRun(first, count, shared);
  }

  /** Up to the next mapping in this leaf, or the end of the leaf's range: that is far enough. */
  private static MappedRun unmapped(Leaf leaf, int next, long virtualBlockNr, long max) {
    Node node = leaf.node();
    long lastFree = node != null && next < node.entryCount() ? node.key(next) - 1 : leaf.lastKey();
    long beyond = lastFree - virtualBlockNr;
    long count = beyond < 0 || beyond == Long.MAX_VALUE ? max : Math.min(max, beyond + 1);
    return new MappedRun(MappedRun.UNMAPPED, count, false);
  }

  @Override
  public long nextMapped(long virtualBlockNr) throws IOException {
    Leaf leaf = leaf(virtualBlockNr);
    while (true) {
      Node node = leaf.node();
      if (node != null) {
        int floor = node.floorIndex(virtualBlockNr);
        int index = floor >= 0 && node.key(floor) == virtualBlockNr ? floor : floor + 1;
        if (index < node.entryCount()) {
          return checkedKey(node, index);
        }
      }
      if (leaf.isLast()) {
        return -1;
      }
      leaf = leaf(leaf.lastKey() + 1);
    }
  }

  @Override
  public long lastMapped() throws IOException {
    Node node = leaf(-1).node();
    return node == null || node.entryCount() == 0 ? -1 : checkedKey(node, node.entryCount() - 1);
  }

  private long checkedKey(Node node, int index) throws CorruptException {
    long key = node.key(index);
    if (Long.compareUnsigned(key, maxBlockNr) > 0) {
      throw new CorruptException(
          new Damage(
              "btree node",
              node.blockNr(),
              "virtual block",
              "at most " + maxBlockNr,
              Long.toUnsignedString(key)));
    }
    return key;
  }
}
