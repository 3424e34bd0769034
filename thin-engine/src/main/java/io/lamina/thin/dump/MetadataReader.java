package io.lamina.thin.dump;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.walk.BlockScan;
import io.lamina.persist.walk.LeafCursor;
import io.lamina.persist.walk.WalkedNode;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.Mapping;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.Superblock;
import java.io.IOException;

/**
 * Streams the metadata of a pool off its device. Holds one path of each tree, however large they
 * are. For one thread.
 */
public final class MetadataReader {
  private final BlockScan blocks;
  private final Superblock superblock;

  private MetadataReader(BlockScan blocks, Superblock superblock) {
    this.blocks = blocks;
    this.superblock = superblock;
  }

  /**
   * Opens metadata.
   *
   * @param metadataSnapshot whether to show what the held root has
   * @throws IOException when there are none, or no metadata snapshot although one is asked for
   */
  public static MetadataReader open(BlockDevice metadata, boolean metadataSnapshot)
      throws IOException {
    Superblock committed = Superblock.read(metadata, Superblock.BLOCK_NR);
    if (!metadataSnapshot) {
      return new MetadataReader(new BlockScan(metadata), committed);
    }
    if (committed.heldRoot() == Superblock.BLOCK_NR) {
      throw new IOException(metadata.name() + ": the pool has no metadata snapshot");
    }
    return new MetadataReader(
        new BlockScan(metadata), Superblock.read(metadata, committed.heldRoot()));
  }

  /** The superblock whose trees are shown. */
  public Superblock superblock() {
    return superblock;
  }

  /**
   * Shows everything to a visitor.
   *
   * @throws CorruptException at the first damage; what the visitor saw before is sound
   */
  public void visit(MetadataVisitor visitor) throws IOException {
    visitor.pool(PoolFacts.of(superblock));
    DetailsCursor details = new DetailsCursor(blocks, superblock.detailsRoot());
    LeafCursor mappings = mappings();
    LeafCursor devices = devices();
    while (devices.next()) {
      WalkedNode leaf = devices.leaf();
      for (int i = 0; i < leaf.entryCount(); i++) {
        visitor.device(leaf.key(i), details.of(leaf.key(i), leaf));
        visit(mappings.open(leaf.value(i)), visitor);
        visitor.endDevice();
      }
    }
    visitor.endPool();
  }

  private static void visit(LeafCursor mappings, MetadataVisitor visitor) throws IOException {
    while (mappings.next()) {
      WalkedNode leaf = mappings.leaf();
      int count = leaf.entryCount();
      for (int i = 0; i < count; i++) {
        long value = leaf.value(i);
        visitor.mapping(leaf.key(i), Mapping.dataBlockNr(value), Mapping.time(value));
      }
    }
  }

  /** The leaves of the top-level tree: device ids, and the roots of the devices' trees. */
  public LeafCursor devices() {
    return new LeafCursor(blocks, PoolMetadata.MAPPING_BYTES, "device")
        .open(superblock.mappingRoot());
  }

  /** A cursor for the devices' own trees, not opened yet. */
  public LeafCursor mappings() {
    return new LeafCursor(blocks, PoolMetadata.MAPPING_BYTES, "mapping");
  }

  /**
   * The root of a device's tree.
   *
   * @throws IOException when there is no such device
   */
  public long deviceRoot(long id) throws IOException {
    LeafCursor devices = devices();
    while (devices.next()) {
      WalkedNode leaf = devices.leaf();
      for (int i = 0; i < leaf.entryCount(); i++) {
        if (leaf.key(i) == id) {
          return leaf.value(i);
        }
      }
    }
    throw new IOException("the pool has no device " + id);
  }

  /** Finds details for ascending ids. */
  private static final class DetailsCursor {
    private final LeafCursor leaves;
    private boolean hasLeaf;
    private int index;

    DetailsCursor(BlockScan blocks, long root) throws IOException {
      this.leaves = new LeafCursor(blocks, DeviceDetails.BYTES, "device details").open(root);
      this.hasLeaf = leaves.next();
    }

    DeviceDetails of(long id, WalkedNode askedBy) throws IOException {
      while (hasLeaf) {
        WalkedNode leaf = leaves.leaf();
        while (index < leaf.entryCount() && Long.compareUnsigned(leaf.key(index), id) < 0) {
          index++;
        }
        if (index < leaf.entryCount()) {
          if (leaf.key(index) == id) {
            return details(leaf, index);
          }
          break;
        }
        hasLeaf = leaves.next();
        index = 0;
      }
      throw new CorruptException(
          new Damage(
              "device details tree",
              askedBy.blockNr(),
              "device " + Long.toUnsignedString(id),
              "present, as in the mapping tree",
              "none"));
    }
  }

  /** The details in a leaf of their tree. */
  static DeviceDetails details(WalkedNode leaf, int index) {
    long times = leaf.valueWord(index, 2);
    return new DeviceDetails(
        leaf.valueWord(index, 0),
        leaf.valueWord(index, 1),
        (int) times,
        (int) (times >>> Integer.SIZE));
  }
}
