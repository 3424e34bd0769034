package io.lamina.thin;

import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import io.lamina.persist.TransactionManager;
import io.lamina.persist.btree.BTree;
import io.lamina.persist.btree.BTreeWriter;
import io.lamina.persist.btree.Leaf;
import io.lamina.persist.btree.Node;
import io.lamina.persist.btree.ValueReferences;
import io.lamina.persist.space.BlockRun;
import io.lamina.persist.space.CountingSpaceMap;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.persist.space.StoredCounts;
import io.lamina.persist.space.StoredSpaceMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The metadata of a pool while they are changed: everything since the last commit.
 *
 * <p>Not safe for use by many threads: {@link WritablePool} holds the locks. After an exception
 * from a change, what was changed is in an unknown state: the transaction must be thrown away.
 */
final class PoolTransaction {
  private static final int COUNTS_AS_BLOCK = 8;

  private final WritableDevice device;
  private final TransactionManager transaction;
  private final CountingSpaceMap metadataCounts;
  private final CountingSpaceMap dataCounts;
  private final BTreeWriter devices;
  private final BTreeWriter details;
  private final BTreeWriter mappings;
  private final Map<Integer, DeviceDetails> changedDetails = new TreeMap<>();

  /** Roots of the devices whose trees are this transaction's own; the top-level tree is behind. */
  private final Map<Integer, Long> openRoots = new ConcurrentHashMap<>();

  /** Of the last commit, be it still under way. */
  private Superblock committed;

  private Superblock current;
  private boolean changed;
  private long newDataBlockCount;
  private long newMetadataBlockCount;
  private List<BlockRun> freedMetadata = List.of();
  private List<BlockRun> freedData = List.of();

  /** As it is now; read by many who hold no lock, and so never made by them. */
  private volatile PoolMetadata view;

  PoolTransaction(WritableDevice device, BlockManager blocks, Superblock committed)
      throws IOException {
    this.device = device;
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
    this.view = new PoolMetadata(transaction, committed, committed);
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
    return view;
  }

  private void become(Superblock changed) {
    current = changed;
    view = new PoolMetadata(transaction, committed, changed);
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

  /** How many metadata blocks may still be taken, after those that the commit will need itself. */
  long freeMetadataBlocks() {
    return metadataCounts.freeCount() - dataCounts.writingNeeds() - metadataCounts.writingNeeds();
  }

  /** How much work the next commit will be: blocks changed, and counts, of which many make one. */
  int changedBlockCount() {
    return transaction.changedCount()
        + (dataCounts.changedCount() + metadataCounts.changedCount()) / COUNTS_AS_BLOCK;
  }

  private void setRoots(long mappingRoot, long detailsRoot) {
    become(current.toBuilder().roots(mappingRoot, detailsRoot).build());
    changed = true;
  }

  private void setMappingRoot(long root) {
    setRoots(root, current.detailsRoot());
  }

  /** The root of a device's tree as it is now; empty where there is no such device. */
  OptionalLong deviceRoot(int id) throws IOException {
    Long open = openRoots.get(id);
    return open != null ? OptionalLong.of(open) : view().deviceRoot(id);
  }

  /** Whether there is a device, be it one that is going. */
  boolean isTaken(int id) throws IOException {
    return deviceRoot(id).isPresent();
  }

  boolean exists(int id) throws IOException {
    return isTaken(id) && !(Deletion.mayBeGoing(id) && details(id).isGoing());
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
    settle();
    setMappingRoot(devices.insert(current.mappingRoot(), id, Words.bytes(mappings.create())));
    changedDetails.put(
        id, new DeviceDetails(0, current.transactionId(), current.time(), current.time()));
  }

  /** A snapshot shares the whole tree of its origin: one more refers to its root. */
  void createSnapshot(int id, int origin) throws IOException {
    settle();
    long root = touchedRoot(origin);
    share(root, id);
    become(current.toBuilder().time(current.time() + 1).build());
    DeviceDetails of = details(origin);
    int now = current.time();
    changedDetails.put(
        origin, new DeviceDetails(of.mappedBlocks(), of.createdIn(), of.creationTime(), now));
    changedDetails.put(id, new DeviceDetails(of.mappedBlocks(), current.transactionId(), now, now));
  }

  private void share(long root, int id) throws IOException {
    metadataCounts.increment(root);
    setMappingRoot(devices.insert(current.mappingRoot(), id, Words.bytes(root)));
  }

  /** The root of a device, after the way to it became this transaction's own. */
  private long touchedRoot(int id) throws IOException {
    setMappingRoot(devices.touch(current.mappingRoot(), id));
    return view().deviceRoot(id).orElseThrow(() -> new IOException("no thin device " + id));
  }

  private long openRoot(int id) throws IOException {
    Long open = openRoots.get(id);
    if (open != null) {
      return open;
    }
    long root = touchedRoot(id);
    openRoots.put(id, root);
    return root;
  }

  private void putRoot(int id, long root) throws IOException {
    openRoots.put(id, root);
    changed = true;
    long growth = mappings.takeGrowth();
    if (growth != 0) {
      DeviceDetails old = details(id);
      changedDetails.put(
          id,
          new DeviceDetails(
              Math.max(0, old.mappedBlocks() + growth),
              old.createdIn(),
              old.creationTime(),
              old.snapshottedTime()));
    }
  }

  /** Brings the top-level tree up to date. */
  private void settle() throws IOException {
    for (Map.Entry<Integer, Long> entry : openRoots.entrySet()) {
      setMappingRoot(
          devices.update(current.mappingRoot(), entry.getKey(), Words.bytes(entry.getValue())));
    }
    openRoots.clear();
  }

  /** Maps neighbouring blocks to neighbouring data blocks, which were reserved for that. */
  void map(int id, long virtualBlockNr, BlockRun blocks) throws IOException {
    dataCounts.useReserved(blocks);
    int time = current.time();
    long root =
        mappings.insert(
            openRoot(id),
            virtualBlockNr,
            (int) blocks.count(),
            (bytes, offset, index) ->
                bytes.putLong(offset, new Mapping(blocks.first() + index, time).pack()));
    putRoot(id, root);
  }

  /**
   * Takes mappings out, those of {@code maxLeaves} leaves at the most.
   *
   * @param end where to stop, itself not included
   * @return where to go on; {@code end} when all is done
   */
  long unmap(int id, long start, long end, int maxLeaves) throws IOException {
    BTree tree = view().mappings();
    long position = start;
    for (int i = 0; i < maxLeaves && position < end; i++) {
      long root = deviceRoot(id).orElseThrow(() -> new IOException("no thin device " + id));
      Leaf leaf = tree.leaf(root, position);
      if (holdsAny(leaf.node(), position, end)) {
        putRoot(id, mappings.remove(openRoot(id), position, end - 1));
      }
      position = leaf.isLast() || leaf.lastKey() >= end - 1 ? end : leaf.lastKey() + 1;
    }
    return position;
  }

  private static boolean holdsAny(@Nullable Node node, long start, long end) {
    if (node == null) {
      return false;
    }
    int last = node.floorIndex(end - 1);
    return last >= 0 && node.key(last) >= start;
  }

  /**
   * Takes a device away: at once where that is little work, else under an id of its own, to be
   * emptied by {@link #deleteSome}.
   *
   * @return the id that it goes by, or {@link Deletion#DONE}
   */
  int beginDelete(int id) throws IOException {
    settle();
    long root = touchedRoot(id);
    DeviceDetails old = details(id);
    boolean isQuick =
        metadataCounts.count(root) > 1 || !transaction.read(root, Node.TYPE).isInternal();
    int goingBy = isQuick ? Deletion.DONE : Deletion.freeId(this);
    if (goingBy != Deletion.DONE) {
      share(root, goingBy);
      if (current.time() == 0) {
        become(current.toBuilder().time(1).build());
      }
      changedDetails.put(goingBy, old.going(current.time()));
    }
    removeDevice(id);
    return goingBy;
  }

  private void removeDevice(int id) throws IOException {
    settle();
    setRoots(devices.remove(current.mappingRoot(), id), details.remove(current.detailsRoot(), id));
    changedDetails.remove(id);
    long unused = mappings.takeGrowth();
  }

  /**
   * Takes a part of the mappings of a device that is going away; when none is left, the device too.
   *
   * @param maxDropped how many mappings are enough for now
   * @return whether the device is gone
   */
  boolean deleteSome(int id, long maxDropped) throws IOException {
    long root = openRoot(id);
    long enough = details(id).mappedBlocks() - maxDropped;
    while (metadataCounts.count(root) == 1 && transaction.read(root, Node.TYPE).isInternal()) {
      root = mappings.releaseLast(root);
      putRoot(id, root);
      if (details(id).mappedBlocks() <= enough) {
        return false;
      }
    }
    removeDevice(id); // what is left is little, or another's too
    return true;
  }

  void setTransactionId(long id) {
    become(current.toBuilder().transactionId(id).build());
    changed = true;
  }

  /** Keeps the trees as they are now, until they are released. */
  void reserveMetadataSnapshot() throws IOException {
    settle();
    writeDetails();
    metadataCounts.increment(current.mappingRoot());
    metadataCounts.increment(current.detailsRoot());
    var copy = transaction.create(Superblock.TYPE);
    copy.bytes().put(0, current.heldCopy().toBlock(copy.blockNr()), 0, BlockManager.BLOCK_BYTES);
    become(current.toBuilder().heldRoot(copy.blockNr()).build());
    changed = true;
  }

  void releaseMetadataSnapshot() throws IOException {
    settle();
    long heldNr = current.heldRoot();
    Superblock held = transaction.read(heldNr, Superblock.TYPE);
    devices.release(held.mappingRoot());
    details.release(held.detailsRoot());
    long unused = mappings.takeGrowth();
    metadataCounts.decrement(heldNr);
    become(current.toBuilder().heldRoot(Superblock.BLOCK_NR).build());
    changed = true;
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
    become(current.toBuilder().flags(current.flags() | Superblock.FLAG_NEEDS_CHECK).build());
    changed = true;
  }

  void clearNeedsCheck() {
    become(current.toBuilder().flags(current.flags() & ~Superblock.FLAG_NEEDS_CHECK).build());
    changed = true;
  }

  /** A count above the references goes down to them. */
  void lowerCount(Leak leak) throws IOException {
    CountingSpaceMap counts = leak.isOfData() ? dataCounts : metadataCounts;
    counts.lower(leak.blockNr(), leak.references());
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

  /** All that is still in memory goes into blocks of this transaction. */
  private void prepare() throws IOException {
    settle();
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
    become(current.toBuilder().spaceMaps(dataRoot, metadata.write()).build());
  }

  /**
   * Commit, first part, in memory alone: what was changed so far is settled, and the next
   * transaction begins on top of it. What it freed is held until {@link #finish}.
   */
  void freeze() throws IOException {
    prepare();
    transaction.freeze();
    committed = current;
    become(current);
    changed = false;
    freedMetadata =
        metadataCounts.begin(StoredSpaceMap.ofMetadata(transaction, committed.metadataSpaceMap()));
    freedData = dataCounts.begin(StoredSpaceMap.ofData(transaction, committed.dataSpaceMap()));
  }

  /**
   * Commit, second part, beside changes of the next transaction: the blocks go to the disk, where
   * the old state stands until the superblock is written, alone and last.
   */
  void writeFrozen() throws IOException {
    transaction.writeOut(); // ours to lose until the next line
    writeSuperblock(committed); // now it has happened
  }

  /** Notes on disk that a check is needed, in the state that is committed there. */
  void writeNeedsCheck() throws IOException {
    setNeedsCheck();
    writeSuperblock(current);
  }

  private void writeSuperblock(Superblock superblock) throws IOException {
    device.write(Superblock.BLOCK_NR, superblock.toBlock(Superblock.BLOCK_NR));
    device.flush();
  }

  /**
   * Commit, last part: what it freed is free.
   *
   * @return the data blocks that are, still held until somebody lets them go
   */
  List<BlockRun> finish() throws IOException {
    metadataCounts.letGo(freedMetadata);
    return freedData;
  }
}
