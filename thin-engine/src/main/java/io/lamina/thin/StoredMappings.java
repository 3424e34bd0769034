package io.lamina.thin;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.btree.BTree;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.btree.Node;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of a tree that nobody changes. Leaves in use are remembered, each under the blocks
 * it was asked for, so that most lookups neither descend nor ask the block cache. No lock is taken.
 */
final class StoredMappings implements Mappings {
  /** Blocks that share one remembered leaf: about as many as a leaf holds of a dense volume. */
  private static final int SLOT_SHIFT = 7;

  private static final int SLOTS = 64;

  private final PoolMetadata metadata;
  private final BTree tree;
  private final long root;
  private final long maxBlockNr;
  private final AtomicReferenceArray<@Nullable Leaf> remembered = new AtomicReferenceArray<>(SLOTS);

  StoredMappings(PoolMetadata metadata, long root) {
    this.metadata = metadata;
    this.tree = metadata.mappings();
    this.root = root;
    this.maxBlockNr = Long.MAX_VALUE / metadata.shown().dataBlockBytes() - 1;
  }

  private Leaf leaf(long virtualBlockNr) throws IOException {
    int slot = (int) (virtualBlockNr >>> SLOT_SHIFT) & (SLOTS - 1);
    Leaf known = remembered.getPlain(slot);
    if (known != null && known.covers(virtualBlockNr)) {
      return known;
    }
    Leaf found = tree.leaf(root, virtualBlockNr);
    remembered.setRelease(slot, found);
    return found;
  }

  @Override
  public MappedRun run(long virtualBlockNr, long maxBlocks) throws IOException {
    Leaf leaf = leaf(virtualBlockNr);
    Node node = leaf.node();
    int index = node == null ? -1 : node.floorIndex(virtualBlockNr);
    if (node == null || index < 0 || node.key(index) != virtualBlockNr) {
      return unmapped(leaf, index + 1, virtualBlockNr, maxBlocks);
    }
    long first = Mapping.dataBlockNr(metadata.checkedMapping(node, index));
    return maxBlocks == 1
        ? new MappedRun(first, 1)
        : mapped(leaf, index, virtualBlockNr, first, maxBlocks);
  }

  private MappedRun mapped(Leaf start, int startIndex, long virtualBlockNr, long first, long max)
      throws IOException {
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
      if (node.key(index) != virtualBlockNr + count
          || Mapping.dataBlockNr(metadata.checkedMapping(node, index)) != first + count) {
        break;
      }
      count++;
      index++;
    }
    return new MappedRun(first, count);
  }

  /** Up to the next mapping in this leaf, or the end of the leaf's range: that is far enough. */
  private static MappedRun unmapped(Leaf leaf, int next, long virtualBlockNr, long max) {
    Node node = leaf.node();
    long lastFree = node != null && next < node.entryCount() ? node.key(next) - 1 : leaf.lastKey();
    long beyond = lastFree - virtualBlockNr;
    long count = beyond < 0 || beyond == Long.MAX_VALUE ? max : Math.min(max, beyond + 1);
    return new MappedRun(MappedRun.UNMAPPED, count);
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
    OptionalLong last = tree.lastKey(root);
    if (last.isEmpty()) {
      return -1;
    }
    Leaf leaf = leaf(last.getAsLong());
    Node node = leaf.node();
    if (node == null) {
      return -1;
    }
    return checkedKey(node, node.entryCount() - 1);
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
