package io.lamina.thin.repair;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.persist.walk.BlockScan;
import io.lamina.persist.walk.WalkedNode;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.Mapping;
import io.lamina.thin.PoolMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Looks for the roots of a pool whose superblock is lost, in all metadata blocks. Trees of earlier
 * transactions lie there too, as far as nothing was written over them; so a device tree and a
 * details tree are taken together only when they know the same devices, and each device has as many
 * mappings as its details say. Of such pairs, the one of the latest pool time counts, then that of
 * the latest device. Nothing else in a node says how old it is; but the kernel hands out metadata
 * blocks upwards, so that, until it has been around once, the highest root is the latest.
 */
final class LostRoots {
  private static final int DETAILS_BYTES = DeviceDetails.BYTES;
  private static final int MAPPING_BYTES = PoolMetadata.MAPPING_BYTES;
  private static final long BROKEN = -1;
  private static final long LOW_32 = 0xffff_ffffL;

  /**
   * A device tree and a details tree that know the same devices.
   *
   * @param deviceCount how many they know
   * @param soundCount how many of them have as many mappings as their details say
   * @param time latest time in the details
   * @param createdIn latest transaction that made a device
   */
  record Pair(
      long mappingRoot,
      long detailsRoot,
      long deviceCount,
      long soundCount,
      int time,
      long createdIn) {
    boolean isSound() {
      return soundCount == deviceCount;
    }
  }

  private static final Comparator<Pair> LATEST_LAST =
      Comparator.comparing(Pair::isSound)
          .thenComparingInt(Pair::time)
          .thenComparingLong(Pair::createdIn)
          .thenComparingLong(Pair::mappingRoot)
          .thenComparingLong(Pair::detailsRoot);

  /** Of one details tree. */
  private record Details(long root, Map<Long, Long> mappedBlocks, int time, long createdIn) {}

  private final BlockScan blocks;
  private final Map<Long, Long> mappingCounts = new HashMap<>();

  /** Nodes that the tree which is walked may still have: no more than there are blocks. */
  private long nodesLeft;

  LostRoots(BlockDevice metadata) {
    this.blocks = new BlockScan(metadata);
  }

  /** All pairs, the best last. */
  List<Pair> pairs() throws IOException {
    Map<Set<Long>, List<Details>> detailsByDevices = new HashMap<>();
    List<Long> deviceRoots = new ArrayList<>();
    for (long blockNr = 1; blockNr < blocks.blockCount(); blockNr++) {
      Optional<Details> details = details(blockNr);
      if (details.isPresent()) {
        detailsByDevices
            .computeIfAbsent(details.get().mappedBlocks().keySet(), ids -> new ArrayList<>())
            .add(details.get());
      } else if (mayKnowDevices(blockNr)) {
        deviceRoots.add(blockNr);
      }
    }
    List<Pair> pairs = new ArrayList<>();
    for (long root : deviceRoots) {
      Optional<Map<Long, Long>> devices = devices(root);
      if (devices.isPresent()) {
        for (Details details : detailsByDevices.getOrDefault(devices.get().keySet(), List.of())) {
          pairs.add(pair(root, devices.get(), details));
        }
      }
    }
    pairs.sort(LATEST_LAST);
    return pairs;
  }

  private Pair pair(long mappingRoot, Map<Long, Long> devices, Details details) throws IOException {
    long sound = 0;
    for (Map.Entry<Long, Long> device : devices.entrySet()) {
      long count = mappingCount(device.getValue(), 0);
      if (count == details.mappedBlocks().getOrDefault(device.getKey(), BROKEN)) {
        sound++;
      }
    }
    return new Pair(
        mappingRoot, details.root(), devices.size(), sound, details.time(), details.createdIn());
  }

  /** Takes leaves. */
  private interface LeafVisitor {
    /**
     * Looks at one.
     *
     * @return whether it can be what it is taken for
     */
    boolean visit(WalkedNode leaf);
  }

  /** Whether all nodes of a tree can be read, and its leaves please. */
  private boolean walk(long root, int leafBytes, LeafVisitor leaves) throws IOException {
    nodesLeft = blocks.blockCount();
    return walk(root, leafBytes, 0, leaves);
  }

  private boolean walk(long blockNr, int leafBytes, int depth, LeafVisitor leaves)
      throws IOException {
    if (--nodesLeft < 0) {
      return false; // nodes that name the same ones again and again are no tree
    }
    WalkedNode node = new WalkedNode("lost");
    try {
      node.load(blocks, blockNr, leafBytes);
      node.checkPlace(depth, 0, -1);
    } catch (CorruptException e) {
      return false;
    }
    if (!node.isInternal()) {
      return leaves.visit(node);
    }
    for (int i = 0; i < node.entryCount(); i++) {
      if (!walk(node.value(i), leafBytes, depth + 1, leaves)) {
        return false;
      }
    }
    return true;
  }

  private static boolean haveIds(WalkedNode leaf) {
    int count = leaf.entryCount();
    return count > 0 && Long.compareUnsigned(leaf.key(count - 1), PoolMetadata.MAX_DEVICE_ID) <= 0;
  }

  private Optional<Details> details(long root) throws IOException {
    Map<Long, Long> mappedBlocks = new TreeMap<>();
    long[] latest = new long[2];
    boolean isTree =
        walk(
            root,
            DETAILS_BYTES,
            leaf -> {
              for (int i = 0; i < leaf.entryCount(); i++) {
                mappedBlocks.put(leaf.key(i), leaf.valueWord(i, 0));
                latest[0] = Math.max(latest[0], leaf.valueWord(i, 1));
                long times = leaf.valueWord(i, 2);
                latest[1] = Math.max(latest[1], Math.max(times & LOW_32, times >>> Integer.SIZE));
              }
              return haveIds(leaf);
            });
    return isTree
        ? Optional.of(new Details(root, mappedBlocks, (int) latest[1], latest[0]))
        : Optional.empty();
  }

  /** At little cost, for all mappings lie in nodes of the same kind. */
  private boolean mayKnowDevices(long blockNr) throws IOException {
    WalkedNode node = new WalkedNode("lost");
    try {
      node.load(blocks, blockNr, MAPPING_BYTES);
    } catch (CorruptException e) {
      return false;
    }
    return node.isInternal() || mayBeDevices(node);
  }

  private boolean mayBeDevices(WalkedNode leaf) {
    for (int i = 0; i < leaf.entryCount(); i++) {
      if (leaf.value(i) <= 0 || leaf.value(i) >= blocks.blockCount()) {
        return false;
      }
    }
    return haveIds(leaf);
  }

  /** The roots of the devices; empty where the tree is something else. */
  private Optional<Map<Long, Long>> devices(long root) throws IOException {
    Map<Long, Long> roots = new TreeMap<>();
    boolean isTree =
        walk(
            root,
            MAPPING_BYTES,
            leaf -> {
              for (int i = 0; i < leaf.entryCount(); i++) {
                roots.put(leaf.key(i), leaf.value(i));
              }
              return mayBeDevices(leaf);
            });
    return isTree ? Optional.of(roots) : Optional.empty();
  }

  private long mappingCount(long blockNr, int depth) throws IOException {
    Long known = mappingCounts.get(blockNr);
    if (known != null) {
      return known;
    }
    long count = countBelow(blockNr, depth);
    mappingCounts.put(blockNr, count);
    return count;
  }

  private long countBelow(long blockNr, int depth) throws IOException {
    WalkedNode node = new WalkedNode("lost");
    try {
      node.load(blocks, blockNr, MAPPING_BYTES);
      node.checkPlace(depth, 0, -1);
    } catch (CorruptException e) {
      return BROKEN;
    }
    if (!node.isInternal()) {
      return node.entryCount();
    }
    long count = 0;
    for (int i = 0; i < node.entryCount(); i++) {
      long below = mappingCount(node.value(i), depth + 1);
      if (below == BROKEN) {
        return BROKEN;
      }
      count += below;
    }
    return count;
  }

  /**
   * What the mappings of a pair tell of the pool.
   *
   * @param dataBlockCount one more than the highest data block
   * @param time the latest of a mapping
   */
  record Reach(long dataBlockCount, int time) {}

  /** Looks at all mappings of a pair. */
  Reach reach(Pair pair) throws IOException {
    long[] highest = {0, pair.time()};
    Set<Long> seen = new HashSet<>();
    for (long root : devices(pair.mappingRoot()).orElseThrow().values()) {
      reach(root, 0, seen, highest);
    }
    return new Reach(highest[0], (int) highest[1]);
  }

  private void reach(long blockNr, int depth, Set<Long> seen, long[] highest) throws IOException {
    if (!seen.add(blockNr)) {
      return;
    }
    WalkedNode node = new WalkedNode("lost");
    try {
      node.load(blocks, blockNr, MAPPING_BYTES);
      node.checkPlace(depth, 0, -1);
    } catch (CorruptException e) {
      return; // Salvage tells of it
    }
    for (int i = 0; i < node.entryCount(); i++) {
      if (node.isInternal()) {
        reach(node.value(i), depth + 1, seen, highest);
      } else {
        highest[0] = Math.max(highest[0], Mapping.dataBlockNr(node.value(i)) + 1);
        highest[1] = Math.max(highest[1], Mapping.time(node.value(i)));
      }
    }
  }
}
