package io.lamina.thin;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockReader;
import io.lamina.persist.btree.BTree;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.btree.Node;
import io.lamina.persist.btree.NodeVisitor;
import io.lamina.persist.space.StoredSpaceMap;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The metadata of a pool, for reading: its devices, their mappings, its space maps. Needs no data
 * device, so checkers and dumps start here too.
 *
 * <p>Walks ({@link #forEachDevice}, {@link #forEachMapping}) go from leaf to leaf and hold one path
 * at a time; they end with a {@link CorruptException} at the first damage. To go on behind a
 * damage, or to look at each node once only, walk the nodes themselves: {@link #blocks} gives them,
 * verified one by one, by {@link Node#TYPE}.
 *
 * <p>Safe for use by many threads.
 */
public final class PoolMetadata {
  /** Highest device id: 24 bits. */
  public static final int MAX_DEVICE_ID = (1 << 24) - 1;

  /** Size of a value of the top-level tree and of a device's tree. */
  public static final int MAPPING_BYTES = Long.BYTES;

  private final BlockReader blocks;
  private final Superblock committed;
  private final Superblock shown;
  private final BTree devices;
  private final BTree mappings;
  private final BTree details;

  /** The trees of {@code shown}, which may be roots of a transaction that is still going on. */
  PoolMetadata(BlockReader blocks, Superblock committed, Superblock shown) {
    this.blocks = blocks;
    this.committed = committed;
    this.shown = shown;
    this.devices = new BTree(blocks, MAPPING_BYTES, "device");
    this.mappings = new BTree(blocks, MAPPING_BYTES, "mapping");
    this.details = new BTree(blocks, DeviceDetails.BYTES, "device details");
  }

  /**
   * Opens the metadata; reads a handful of blocks, whatever the size of the pool.
   *
   * @param metadataSnapshot whether to show what the held root has
   * @param cacheBytes how much of the metadata to keep in memory
   * @throws IOException when they are too short, no pool's, damaged, or have no metadata snapshot
   *     although one is asked for
   */
  public static PoolMetadata open(BlockDevice device, boolean metadataSnapshot, long cacheBytes)
      throws IOException {
    Superblock committed = Superblock.read(device, Superblock.BLOCK_NR);
    BlockManager blocks = new BlockManager(device, cacheBytes);
    checkFits("metadata_nr_blocks", committed.metadataBlockCount(), blocks);
    checkFits("metadata space map nr_blocks", committed.metadataSpaceMap().blockCount(), blocks);
    Superblock shown = metadataSnapshot ? readHeld(device, committed) : committed;
    PoolMetadata metadata = new PoolMetadata(blocks, committed, shown);
    metadata.devices.leaf(shown.mappingRoot(), 0);
    metadata.details.leaf(shown.detailsRoot(), 0);
    return metadata;
  }

  private static Superblock readHeld(BlockDevice device, Superblock committed) throws IOException {
    if (committed.heldRoot() == Superblock.BLOCK_NR) {
      throw new IOException(device.name() + ": the pool has no metadata snapshot");
    }
    Superblock held = Superblock.read(device, committed.heldRoot());
    if (held.dataBlockSectors() != committed.dataBlockSectors()) {
      throw new CorruptException(
          Damage.ofNumbers(
              "held superblock",
              committed.heldRoot(),
              "data_block_size",
              committed.dataBlockSectors(),
              held.dataBlockSectors()));
    }
    return held;
  }

  private static void checkFits(String field, long blockCount, BlockReader blocks)
      throws CorruptException {
    if (Long.compareUnsigned(blockCount, blocks.blockCount()) > 0) {
      throw new CorruptException(
          new Damage(
              "superblock",
              Superblock.BLOCK_NR,
              field,
              "at most " + blocks.blockCount() + ", the size of the metadata device",
              Long.toUnsignedString(blockCount)));
    }
  }

  /** The superblock of the last commit. */
  public Superblock committed() {
    return committed;
  }

  /** The superblock whose trees are shown: the committed one, or the held copy. */
  public Superblock shown() {
    return shown;
  }

  /** The metadata blocks themselves. */
  public BlockReader blocks() {
    return blocks;
  }

  /** The top-level tree: device id to the root of the device's own tree. */
  public BTree devices() {
    return devices;
  }

  /** The devices' own trees: virtual block to {@link Mapping}. */
  public BTree mappings() {
    return mappings;
  }

  /** The details tree: device id to {@link DeviceDetails}. */
  public BTree details() {
    return details;
  }

  /** Counts of the data blocks, as last committed. */
  public StoredSpaceMap dataSpaceMap() {
    return StoredSpaceMap.ofData(blocks, committed.dataSpaceMap());
  }

  /** Counts of the metadata blocks, as last committed. */
  public StoredSpaceMap metadataSpaceMap() throws CorruptException {
    return StoredSpaceMap.ofMetadata(blocks, committed.metadataSpaceMap());
  }

  /** How many data blocks there are: no mapping may point beyond. */
  public long dataBlockCount() {
    return committed.dataSpaceMap().blockCount();
  }

  /** The root of a device's tree; empty where there is no such device. */
  public OptionalLong deviceRoot(int id) throws IOException {
    return deviceRoot(shown, id);
  }

  private OptionalLong deviceRoot(Superblock superblock, int id) throws IOException {
    Leaf leaf = devices.leaf(superblock.mappingRoot(), id);
    int at = BTree.indexOf(leaf, id);
    if (at < 0 || leaf.node() == null) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(checkedRoot(leaf.node(), at));
  }

  /**
   * A device's root is no node of the top-level tree. A leaf is all that can be told apart here.
   */
  private static long checkedRoot(Node node, int at) throws CorruptException {
    long root = node.longValue(at);
    if (root == node.blockNr()) {
      throw new CorruptException(
          new Damage(
              "btree node",
              node.blockNr(),
              "root of device " + Long.toUnsignedString(node.key(at)),
              "a tree of its own",
              "the node itself"));
    }
    return root;
  }

  /** What the details tree says of a device; empty where it does not know it. */
  public Optional<DeviceDetails> deviceDetails(int id) throws IOException {
    Leaf leaf = details.leaf(shown.detailsRoot(), id);
    int at = BTree.indexOf(leaf, id);
    if (at < 0 || leaf.node() == null) {
      return Optional.empty();
    }
    return Optional.of(checkedDetails(leaf.node(), at));
  }

  private DeviceDetails checkedDetails(Node node, int at) throws CorruptException {
    DeviceDetails found = DeviceDetails.get(node.bytes(), node.valueOffset(at));
    checkTime(node, at, "creation_time", found.creationTime());
    checkTime(node, at, "snapshotted_time", found.snapshottedTime());
    return found;
  }

  private void checkTime(Node node, int at, String field, int time) throws CorruptException {
    if (Integer.compareUnsigned(time, shown.time()) > 0) {
      throw new CorruptException(
          new Damage(
              "device details",
              node.blockNr(),
              field + " of device " + Long.toUnsignedString(node.key(at)),
              "at most " + shown.time(),
              Integer.toUnsignedString(time)));
    }
  }

  /** Walks the devices in the order of their ids. */
  public void forEachDevice(DeviceVisitor visitor) throws IOException {
    Leaf leaf = devices.leaf(shown.mappingRoot(), 0);
    while (true) {
      Node node = leaf.node();
      for (int i = 0; node != null && i < node.entryCount(); i++) {
        if (Long.compareUnsigned(node.key(i), MAX_DEVICE_ID) > 0) {
          throw new CorruptException(
              Damage.ofNumbers(
                  "btree node", node.blockNr(), "device id", MAX_DEVICE_ID, node.key(i)));
        }
        visitor.device((int) node.key(i), checkedRoot(node, i));
      }
      if (leaf.isLast()) {
        return;
      }
      leaf = devices.leaf(shown.mappingRoot(), leaf.lastKey() + 1);
    }
  }

  /** Walks the mappings of a device's tree. */
  public void forEachMapping(long root, MappingVisitor visitor) throws IOException {
    forEachMapping(root, NodeVisitor.NONE, visitor);
  }

  /** The same, asking of each node on the way whether it has several parents. */
  public void forEachMapping(long root, NodeVisitor nodes, MappingVisitor visitor)
      throws IOException {
    Leaf leaf = mappings.leaf(root, 0, nodes);
    while (true) {
      Node node = leaf.node();
      for (int i = 0; node != null && i < node.entryCount(); i++) {
        long value = checkedMapping(node, i);
        visitor.mapping(
            node.key(i), Mapping.dataBlockNr(value), Mapping.time(value), leaf.shared());
      }
      if (leaf.isLast()) {
        return;
      }
      leaf = mappings.leaf(root, leaf.lastKey() + 1, nodes);
    }
  }

  /** A mapping, packed, that points into the data device and comes from the past. */
  long checkedMapping(Node node, int at) throws CorruptException {
    long value = node.longValue(at);
    if (Mapping.dataBlockNr(value) >= dataBlockCount()) {
      throw mappingDamaged(
          node, at, "data block", "less than " + dataBlockCount(), Mapping.dataBlockNr(value));
    }
    if (Mapping.time(value) > shown.time()) {
      throw mappingDamaged(node, at, "time", "at most " + shown.time(), Mapping.time(value));
    }
    return value;
  }

  private static CorruptException mappingDamaged(
      Node node, int at, String field, String expected, long found) {
    return new CorruptException(
        new Damage(
            "btree node",
            node.blockNr(),
            field + " of virtual block " + Long.toUnsignedString(node.key(at)),
            expected,
            Long.toUnsignedString(found)));
  }

  /**
   * How many data blocks a device alone refers to, as last committed: what deleting it would free.
   * 0 where the committed pool has no such device.
   */
  public long exclusivelyMappedBlocks(int id) throws IOException {
    OptionalLong root = deviceRoot(committed, id);
    if (root.isEmpty()) {
      return 0;
    }
    StoredSpaceMap data = dataSpaceMap();
    StoredSpaceMap metadata = metadataSpaceMap();
    long[] count = new long[1];
    forEachMapping(
        root.getAsLong(),
        (node, depth) -> metadata.count(node.blockNr()) > 1,
        (virtualBlockNr, dataBlockNr, time, nodeShared) -> {
          long references = data.count(dataBlockNr);
          if (references == 0) {
            throw new CorruptException(
                Damage.ofNumbers(
                    "data space map", data.root().indexRoot(), "count of " + dataBlockNr, 1, 0));
          }
          if (!nodeShared && references == 1) {
            count[0]++;
          }
        });
    return count[0];
  }
}
