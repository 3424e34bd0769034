package io.lamina.truth;

import io.lamina.block.BlockDevice;
import io.lamina.persist.btree.Node;
import io.lamina.persist.space.StoredSpaceMap;
import io.lamina.thin.Mapping;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.Superblock;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Counts the references in a pool's metadata by walking everything: a block is referred to by each
 * node that names it, a node that several name being walked once.
 */
final class References {
  private final PoolMetadata metadata;
  private final SortedMap<Long, Long> toMetadata = new TreeMap<>();
  private final SortedMap<Long, Long> toData = new TreeMap<>();

  private References(PoolMetadata metadata) {
    this.metadata = metadata;
  }

  static References of(BlockDevice device, PoolMetadata metadata) throws IOException {
    References references = new References(metadata);
    Superblock committed = metadata.committed();
    references.add(Superblock.BLOCK_NR);
    references.walkTrees(committed);
    if (committed.heldRoot() != Superblock.BLOCK_NR && references.add(committed.heldRoot())) {
      references.walkTrees(Superblock.read(device, committed.heldRoot()));
    }
    references.walkSpaceMap(metadata.dataSpaceMap(), true);
    references.walkSpaceMap(metadata.metadataSpaceMap(), false);
    return references;
  }

  SortedMap<Long, Long> toMetadata() {
    return toMetadata;
  }

  SortedMap<Long, Long> toData() {
    return toData;
  }

  private interface LeafVisitor {
    void leaf(Node leaf) throws IOException;
  }

  /** Whether this was the first reference to it. */
  private boolean add(long blockNr) {
    return toMetadata.merge(blockNr, 1L, Long::sum) == 1;
  }

  private void walkTrees(Superblock superblock) throws IOException {
    walk(
        superblock.mappingRoot(),
        devices -> {
          for (int i = 0; i < devices.entryCount(); i++) {
            walk(devices.longValue(i), this::addMappings);
          }
        });
    walk(superblock.detailsRoot(), leaf -> {});
  }

  private void addMappings(Node leaf) {
    for (int i = 0; i < leaf.entryCount(); i++) {
      toData.merge(Mapping.unpack(leaf.longValue(i)).dataBlockNr(), 1L, Long::sum);
    }
  }

  private void walk(long blockNr, LeafVisitor leaves) throws IOException {
    if (!add(blockNr)) {
      return;
    }
    Node node = metadata.blocks().read(blockNr, Node.TYPE);
    if (!node.isInternal()) {
      leaves.leaf(node);
      return;
    }
    for (int i = 0; i < node.entryCount(); i++) {
      walk(node.longValue(i), leaves);
    }
  }

  private void walkSpaceMap(StoredSpaceMap map, boolean indexIsTree) throws IOException {
    if (indexIsTree) {
      walk(map.root().indexRoot(), leaf -> {});
    } else {
      add(map.root().indexRoot());
    }
    for (long bitmap = 0; bitmap < map.bitmapCount(); bitmap++) {
      add(map.indexEntry(bitmap).bitmapNr());
    }
    walk(map.root().overflowRoot(), leaf -> {});
  }
}
