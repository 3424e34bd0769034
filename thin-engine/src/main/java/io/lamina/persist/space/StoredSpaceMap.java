package io.lamina.persist.space;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockReader;
import io.lamina.persist.btree.BTree;
import io.lamina.persist.btree.Leaf;
import java.io.IOException;

/**
 * A space map as it lies on disk, for reading: how often is a block referred to?
 *
 * <p>Safe for use by many threads. To read a whole map, ask {@link #bitmap} for one after another
 * and walk {@link #overflow}: memory stays bounded by the block cache.
 */
public final class StoredSpaceMap {
  private static final int OVERFLOW_VALUE_BYTES = Integer.BYTES;

  private final BlockReader blocks;
  private final SpaceMapRoot root;
  private final SpaceMapIndex index;
  private final BTree overflow;

  private StoredSpaceMap(BlockReader blocks, SpaceMapRoot root, SpaceMapIndex index, String name) {
    this.blocks = blocks;
    this.root = root;
    this.index = index;
    this.overflow = new BTree(blocks, OVERFLOW_VALUE_BYTES, name + " overflow");
  }

  /** The map of the data device: its bitmaps are found through a B-tree. */
  public static StoredSpaceMap ofData(BlockReader blocks, SpaceMapRoot root) {
    BTree tree = new BTree(blocks, IndexEntry.BYTES, "data space map index");
    SpaceMapIndex index =
        bitmap -> {
          Leaf leaf = tree.leaf(root.indexRoot(), bitmap);
          int at = BTree.indexOf(leaf, bitmap);
          if (at < 0 || leaf.node() == null) {
            throw new CorruptException(
                new Damage(
                    "data space map", root.indexRoot(), "bitmap " + bitmap, "present", "none"));
          }
          return IndexEntry.get(leaf.node().bytes(), leaf.node().valueOffset(at));
        };
    return new StoredSpaceMap(blocks, root, index, "data space map");
  }

  /**
   * The map of the metadata device: its bitmaps are found through one index block.
   *
   * @throws CorruptException when it counts more blocks than an index block can index
   */
  public static StoredSpaceMap ofMetadata(BlockReader blocks, SpaceMapRoot root)
      throws CorruptException {
    long max = (long) IndexBlock.ENTRY_COUNT * Bitmap.ENTRY_COUNT;
    if (Long.compareUnsigned(root.blockCount(), max) > 0) {
      throw new CorruptException(
          new Damage(
              "superblock",
              0,
              "metadata space map nr_blocks",
              "at most " + max,
              Long.toUnsignedString(root.blockCount())));
    }
    SpaceMapIndex index =
        bitmap -> blocks.read(root.indexRoot(), IndexBlock.TYPE).entry((int) bitmap);
    return new StoredSpaceMap(blocks, root, index, "metadata space map");
  }

  /** Where it lies and how large it is. */
  public SpaceMapRoot root() {
    return root;
  }

  /** How many bitmaps it has. */
  public long bitmapCount() {
    return (root.blockCount() + Bitmap.ENTRY_COUNT - 1) / Bitmap.ENTRY_COUNT;
  }

  /** What the index says of one bitmap. */
  public IndexEntry indexEntry(long bitmap) throws IOException {
    return index.entry(bitmap);
  }

  /** One bitmap: the counts of blocks {@code bitmap * Bitmap.ENTRY_COUNT} and on. */
  public Bitmap bitmap(long bitmap) throws IOException {
    return blocks.read(index.entry(bitmap).bitmapNr(), Bitmap.TYPE);
  }

  /** The tree of the counts above 2, by block number: 32-bit values, at {@code overflowRoot}. */
  public BTree overflow() {
    return overflow;
  }

  /**
   * How often a block is referred to.
   *
   * @throws CorruptException when the map does not know the block, or is damaged
   */
  public long count(long blockNr) throws IOException {
    if (Long.compareUnsigned(blockNr, root.blockCount()) >= 0) {
      throw new CorruptException(
          new Damage(
              "space map",
              root.indexRoot(),
              "block number",
              "less than " + root.blockCount(),
              Long.toUnsignedString(blockNr)));
    }
    int count = bitmap(blockNr / Bitmap.ENTRY_COUNT).count((int) (blockNr % Bitmap.ENTRY_COUNT));
    return count == Bitmap.OVERFLOW ? overflowCount(blockNr) : count;
  }

  private long overflowCount(long blockNr) throws IOException {
    Leaf leaf = overflow.leaf(root.overflowRoot(), blockNr);
    int at = BTree.indexOf(leaf, blockNr);
    if (at < 0 || leaf.node() == null) {
      throw new CorruptException(
          new Damage(
              overflow.name(), root.overflowRoot(), "count of " + blockNr, "present", "none"));
    }
    return leaf.node().intValue(at);
  }
}
