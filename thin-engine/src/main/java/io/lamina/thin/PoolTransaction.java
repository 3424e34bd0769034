package io.lamina.thin;

import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import io.lamina.persist.TransactionManager;
import io.lamina.persist.btree.BTree;
import io.lamina.persist.btree.BTreeWriter;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.btree.Node;
import io.lamina.persist.btree.ValueReferences;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.persist.space.StoredCounts;
import io.lamina.persist.space.StoredSpaceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a pool while they are changed: everything since the last commit.
 *
 * <p>Not safe for use by many threads: {@link WritablePool} holds the locks. After an exception
 * from a change, what was changed is in an unknown state: the transaction must be thrown away.
 */
final class PoolTransaction {
  private final WritableDevice device;
  private final BlockManager blocks;
  private final TransactionManager transaction;
  private final CountingSpaceMap metadataCounts;
  private final CountingSpaceMap dataCounts;
  private final BTreeWriter devices;
  private final BTreeWriter details;
  private final BTreeWriter mappings;
  private final Map<Integer, DeviceDetails> changedDetails = new TreeMap<>();
  private Superblock committed;
  private Superblock current;
  private boolean changed;
  private long newDataBlockCount;
  private long newMetadataBlockCount;
  private volatile @Nullable PoolMetadata view;

  PoolTransaction(WritableDevice device, BlockManager blocks, Superblock committed)
      throws IOException {
    this.device = device;
    this.blocks = blocks;
    this.committed = committed;
    this.current = committed;
    this.metadataCounts =
        new CountingSpaceMap(
            StoredSpaceMap.ofMetadata(blocks, committed.metadataSpaceMap()), "metadata blocks");
    this.dataCounts =
        new CountingSpaceMap(
            StoredSpaceMap.ofData(blocks, committed.dataSpaceMap()), "data blocks");
    this.transaction = new TransactionManager(blocks, device, metadataCounts);
    this.mappings = new BTreeWriter(transaction, Long.BYTES, new DataReferences(dataCounts));
    this.devices = new BTreeWriter(transaction, Long.BYTES, new SubtreeReferences());
    this.details = new BTreeWriter(transaction, DeviceDetails.BYTES, ValueReferences.NONE);
  }

  /** A mapping refers to its data block. */
  private record DataReferences(CountingSpaceMap counts) implements ValueReferences {
    @Override
    public void increment(ByteBuffer bytes, int offset) throws IOException {
      counts.increment(Mapping.dataBlockNr(word(bytes, offset)));
    }

    @Override
    public void decrement(ByteBuffer bytes, int offset) throws IOException {
      counts.decrement(Mapping.dataBlockNr(word(bytes, offset)));
    }
  }

  /** A device refers to the tree of its mappings. */
  private final class SubtreeReferences implements ValueReferences {
    @Override
    public void increment(ByteBuffer bytes, int offset) throws IOException {
      metadataCounts.increment(word(bytes, offset));
    }

    @Override
    public void decrement(ByteBuffer bytes, int offset) throws IOException {
      mappings.release(word(bytes, offset));
    }
  }

  private static long word(ByteBuffer bytes, int offset) {
    return Words.get(bytes, offset);
  }

  /** The metadata as they are now, uncommitted changes included. */
  PoolMetadata view() {
    PoolMetadata known = view;
    if (known == null) {
      known = new PoolMetadata(transaction, committed, current);
      view = known;
    }
    return known;
  }

  Superblock committed() {
    return committed;
  }

  Superblock current() {
    return current;
  }

  CountingSpaceMap dataCounts() {
    return dataCounts;
  }

  CountingSpaceMap metadataCounts() {
    return metadataCounts;
  }

  boolean isChanged() {
    return changed;
  }

  /** How much memory the next commit will take: blocks and counts changed. */
  int changedBlockCount() {
    return transaction.changedCount()
        + (dataCounts.changedCount() + metadataCounts.changedCount()) / 64;
  }

  private void setRoots(long mappingRoot, long detailsRoot) {
    current = current.toBuilder().roots(mappingRoot, detailsRoot).build();
    view = null;
    changed = true;
  }

  private void setMappingRoot(long root) {
    setRoots(root, current.detailsRoot());
  }

  boolean exists(int id) throws IOException {
    return view().deviceRoot(id).isPresent();
  }

  DeviceDetails details(int id) throws IOException {
    DeviceDetails mine = changedDetails.get(id);
    if (mine != null) {
      return mine;
    }
    return view()
        .deviceDetails(id)
        .orElseThrow(() -> new IOException("no details of thin device " + id));
  }

  void createThin(int id) throws IOException {
    setMappingRoot(devices.insert(current.mappingRoot(), id, Words.bytes(mappings.create())));
    changedDetails.put(
        id, new DeviceDetails(0, current.transactionId(), current.time(), current.time()));
  }

  /** A snapshot shares the whole tree of its origin: one more refers to its root. */
  void createSnapshot(int id, int origin) throws IOException {
    setMappingRoot(devices.touch(current.mappingRoot(), origin));
    long root = root(origin);
    metadataCounts.increment(root);
    setMappingRoot(devices.insert(current.mappingRoot(), id, Words.bytes(root)));
    current = current.toBuilder().time(current.time() + 1).build();
    DeviceDetails of = details(origin);
    int now = current.time();
    changedDetails.put(
        origin, new DeviceDetails(of.mappedBlocks(), of.createdIn(), of.creationTime(), now));
    changedDetails.put(id, new DeviceDetails(of.mappedBlocks(), current.transactionId(), now, now));
    view = null;
  }

  private long root(int id) throws IOException {
    return view().deviceRoot(id).orElseThrow(() -> new IOException("no thin device " + id));
  }

  /** Maps neighbouring blocks to neighbouring data blocks, which were reserved for that. */
  void map(int id, long virtualBlockNr, long dataBlockNr, int count) throws IOException {
    setMappingRoot(devices.touch(current.mappingRoot(), id));
    long root = root(id);
    BTree tree = view().mappings();
    long added = 0;
    for (int i = 0; i < count; i++) {
      long key = virtualBlockNr + i;
      dataCounts.useReserved(dataBlockNr + i);
      if (BTree.indexOf(tree.leaf(root, key), key) < 0) {
        added++;
      }
      long value = new Mapping(dataBlockNr + i, current.time()).pack();
      root = mappings.insert(root, key, Words.bytes(value));
    }
    setMappingRoot(devices.update(current.mappingRoot(), id, Words.bytes(root)));
    addMapped(id, added);
  }

  private void addMapped(int id, long added) throws IOException {
    if (added != 0) {
      DeviceDetails old = details(id);
      changedDetails.put(
          id,
          new DeviceDetails(
              Math.max(0, old.mappedBlocks() + added),
              old.createdIn(),
              old.creationTime(),
              old.snapshottedTime()));
    }
  }

  /**
   * Takes mappings out, at most {@code max} of them.
   *
   * @param end where to stop, itself not included
   * @return where to go on; {@code end} when all is done
   */
  long unmap(int id, long start, long end, int max) throws IOException {
    setMappingRoot(devices.touch(current.mappingRoot(), id));
    long root = root(id);
    BTree tree = view().mappings();
    long position = start;
    int left = max;
    while (left > 0 && position < end) {
      Leaf leaf = tree.leaf(root, position);
      Node node = leaf.node();
      int index = node == null ? -1 : node.floorIndex(position);
      if (node != null && (index < 0 || node.key(index) < position)) {
        index++;
      }
      if (node == null || index >= node.entryCount()) {
        position = leaf.isLast() ? end : Math.min(end, leaf.lastKey() + 1);
        continue;
      }
      for (; index < node.entryCount() && node.key(index) < end && left > 0; index++, left--) {
        root = mappings.remove(root, node.key(index));
        position = node.key(index) + 1;
      }
      if (index < node.entryCount() && node.key(index) >= end) {
        position = end;
      }
    }
    setMappingRoot(devices.update(current.mappingRoot(), id, Words.bytes(root)));
    addMapped(id, -mappings.takeDroppedCount());
    return position;
  }

  /**
   * Takes a part of a device's mappings away; when none is left, the device too.
   *
   * @return whether the device is gone
   */
  boolean deleteSome(int id) throws IOException {
    setMappingRoot(devices.touch(current.mappingRoot(), id));
    long root = root(id);
    if (metadataCounts.count(root) == 1) {
      root = mappings.releaseSome(root);
      setMappingRoot(devices.update(current.mappingRoot(), id, Words.bytes(root)));
      addMapped(id, -mappings.takeDroppedCount());
      if (view().mappings().lastKey(root).isPresent()) {
        return false;
      }
    }
    setRoots(devices.remove(current.mappingRoot(), id), details.remove(current.detailsRoot(), id));
    mappings.takeDroppedCount();
    changedDetails.remove(id);
    return true;
  }

  void setTransactionId(long id) {
    current = current.toBuilder().transactionId(id).build();
    changed = true;
    view = null;
  }

  /** Keeps the trees as they are now, until they are released. */
  void reserveMetadataSnapshot() throws IOException {
    writeDetails();
    metadataCounts.increment(current.mappingRoot());
    metadataCounts.increment(current.detailsRoot());
    var copy = transaction.create(Superblock.TYPE);
    copy.bytes().put(0, current.heldCopy().toBlock(copy.blockNr()), 0, BlockManager.BLOCK_BYTES);
    current = current.toBuilder().heldRoot(copy.blockNr()).build();
    changed = true;
    view = null;
  }

  void releaseMetadataSnapshot() throws IOException {
    long heldNr = current.heldRoot();
    Superblock held = transaction.read(heldNr, Superblock.TYPE);
    devices.release(held.mappingRoot());
    details.release(held.detailsRoot());
    mappings.takeDroppedCount();
    metadataCounts.decrement(heldNr);
    current = current.toBuilder().heldRoot(Superblock.BLOCK_NR).build();
    changed = true;
    view = null;
  }

  void growData(long blockCount) {
    newDataBlockCount = blockCount;
    changed = true;
  }

  void growMetadata(long blockCount) {
    newMetadataBlockCount = blockCount;
    changed = true;
  }

  void setNeedsCheck() {
    current = current.toBuilder().flags(current.flags() | Superblock.FLAG_NEEDS_CHECK).build();
    changed = true;
  }

  private void writeDetails() throws IOException {
    long root = current.detailsRoot();
    for (Map.Entry<Integer, DeviceDetails> entry : changedDetails.entrySet()) {
      byte[] value = new byte[DeviceDetails.BYTES];
      entry.getValue().put(ByteBuffer.wrap(value), 0);
      root = details.insert(root, entry.getKey(), value);
    }
    changedDetails.clear();
    setRoots(current.mappingRoot(), root);
  }

  /** Commit, first part: all that is still in memory goes into blocks of this transaction. */
  void prepare() throws IOException {
    writeDetails();
    StoredCounts data = StoredCounts.ofData(transaction, dataCounts);
    if (newDataBlockCount > dataCounts.blockCount()) {
      data.grow(newDataBlockCount);
    }
    SpaceMapRoot dataRoot = data.write();
    StoredCounts metadata = StoredCounts.ofMetadata(transaction, metadataCounts);
    if (newMetadataBlockCount > metadataCounts.blockCount()) {
      metadata.grow(newMetadataBlockCount);
    }
    current = current.toBuilder().spaceMaps(dataRoot, metadata.write()).build();
  }

  /** Commit, second part: the blocks of this transaction go to the disk. The old state stands. */
  void writeBlocks() throws IOException {
    transaction.writeOut();
  }

  /** Commit, third part: one block is written, and it has happened. */
  void writeSuperblock() throws IOException {
    device.write(Superblock.BLOCK_NR, current.toBlock(Superblock.BLOCK_NR));
    device.flush();
  }

  /**
   * Commit, last part: the next transaction begins.
   *
   * @return the data blocks that are free now, and held until somebody lets them go
   */
  Set<Long> begin() throws IOException {
    transaction.committed();
    committed = current;
    changed = false;
    view = null;
    Set<Long> freedMetadata =
        metadataCounts.begin(StoredSpaceMap.ofMetadata(blocks, committed.metadataSpaceMap()));
    metadataCounts.letGo(freedMetadata);
    return dataCounts.begin(StoredSpaceMap.ofData(blocks, committed.dataSpaceMap()));
  }
}
