package io.lamina.thin.repair;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.walk.BlockScan;
import io.lamina.persist.walk.WalkedNode;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.Mapping;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.Superblock;
import io.lamina.thin.dump.MetadataVisitor;
import io.lamina.thin.dump.PoolFacts;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Reads damaged metadata: shows a visitor every device and every mapping that can still be reached,
 * and says which ranges cannot. Never writes. Where the superblock is lost, the trees are looked
 * for in all blocks.
 */
public final class Salvage {
  private final BlockScan blocks;
  private final Superblock superblock;
  private final MetadataVisitor visitor;
  private final Consumer<Loss> losses;
  private final Map<Long, DeviceDetails> details = new TreeMap<>();
  private long deviceCount;
  private long mappingCount;

  /** Takes leaves. */
  @FunctionalInterface
  private interface LeafVisitor {
    void visit(WalkedNode leaf) throws IOException;
  }

  private Salvage(
      BlockScan blocks, Superblock superblock, MetadataVisitor visitor, Consumer<Loss> losses) {
    this.blocks = blocks;
    this.superblock = superblock;
    this.visitor = visitor;
    this.losses = losses;
  }

  /**
   * What was saved.
   *
   * @param deviceCount devices
   * @param mappingCount mappings
   */
  public record Saved(long deviceCount, long mappingCount) {}

  /**
   * Saves what can be saved.
   *
   * @param known of the pool, should its superblock be lost
   * @param losses hears of each range that cannot be saved
   * @param notes hears, in lines for people, how a lost superblock was made up for
   * @throws IOException also when that cannot be
   */
  public static Saved run(
      BlockDevice metadata,
      KnownFacts known,
      MetadataVisitor visitor,
      Consumer<Loss> losses,
      Consumer<String> notes)
      throws IOException {
    Superblock superblock = superblock(metadata, known, notes);
    Salvage salvage = new Salvage(new BlockScan(metadata), superblock, visitor, losses);
    salvage.run();
    return new Saved(salvage.deviceCount, salvage.mappingCount);
  }

  private static Superblock superblock(
      BlockDevice metadata, KnownFacts known, Consumer<String> notes) throws IOException {
    try {
      return Superblock.read(metadata, Superblock.BLOCK_NR);
    } catch (CorruptException e) {
      return new LostSuperblock(metadata, known, notes).find(e);
    }
  }

  private void run() throws IOException {
    PoolFacts facts = PoolFacts.of(superblock);
    visitor.pool(
        new PoolFacts(
            facts.time(),
            facts.transactionId(),
            0, // what asked for a check is answered
            facts.dataBlockSectors(),
            facts.dataBlockCount()));
    new Walk("device details", DeviceDetails.BYTES, -1, this::details)
        .walk(superblock.detailsRoot(), 0, 0, -1);
    new Walk("device", PoolMetadata.MAPPING_BYTES, -1, this::devices)
        .walk(superblock.mappingRoot(), 0, 0, -1);
    visitor.endPool();
  }

  private void details(WalkedNode leaf) {
    for (int i = 0; i < leaf.entryCount(); i++) {
      long times = leaf.valueWord(i, 2);
      details.put(
          leaf.key(i),
          new DeviceDetails(
              leaf.valueWord(i, 0),
              leaf.valueWord(i, 1),
              atMostNow((int) times),
              atMostNow((int) (times >>> Integer.SIZE))));
    }
  }

  private int atMostNow(int time) {
    return Integer.compareUnsigned(time, superblock.time()) > 0 ? superblock.time() : time;
  }

  private void devices(WalkedNode leaf) throws IOException {
    for (int i = 0; i < leaf.entryCount(); i++) {
      long id = leaf.key(i);
      if (Long.compareUnsigned(id, PoolMetadata.MAX_DEVICE_ID) > 0) {
        continue;
      }
      // Without details, all counts as older than a snapshot, so that nothing is overwritten.
      DeviceDetails known =
          details.getOrDefault(id, new DeviceDetails(0, 0, superblock.time(), superblock.time()));
      deviceCount++;
      visitor.device(id, known);
      new Walk("mapping", PoolMetadata.MAPPING_BYTES, id, mappings -> mappings(id, mappings))
          .walk(leaf.value(i), 0, 0, -1);
      visitor.endDevice();
    }
  }

  private void mappings(long deviceId, WalkedNode leaf) throws IOException {
    long dataBlockCount = superblock.dataSpaceMap().blockCount();
    for (int i = 0; i < leaf.entryCount(); i++) {
      long value = leaf.value(i);
      long dataBlockNr = Mapping.dataBlockNr(value);
      if (Long.compareUnsigned(dataBlockNr, dataBlockCount) >= 0) {
        Damage damage =
            leaf.damaged("data block", "less than " + dataBlockCount, "" + dataBlockNr).damage();
        losses.accept(new Loss(deviceId, leaf.key(i), leaf.key(i), damage));
        continue;
      }
      mappingCount++;
      visitor.mapping(leaf.key(i), dataBlockNr, atMostNow(Mapping.time(value)));
    }
  }

  /** Goes through a tree, around what is damaged. Ends: each child's keys lie in its own range. */
  private final class Walk {
    private final int valueBytes;
    private final long deviceId;
    private final LeafVisitor leaves;
    private final WalkedNode[] path = new WalkedNode[WalkedNode.MAX_DEPTH + 1];

    Walk(String tree, int valueBytes, long deviceId, LeafVisitor leaves) {
      this.valueBytes = valueBytes;
      this.deviceId = deviceId;
      this.leaves = leaves;
      for (int i = 0; i < path.length; i++) {
        path[i] = new WalkedNode(tree);
      }
    }

    void walk(long blockNr, int depth, long first, long last) throws IOException {
      WalkedNode node = path[depth];
      try {
        node.load(blocks, blockNr, valueBytes);
        node.checkPlace(depth, first, last);
      } catch (CorruptException e) {
        losses.accept(new Loss(deviceId, first, last, e.damage()));
        return;
      }
      if (!node.isInternal()) {
        leaves.visit(node);
        return;
      }
      for (int i = 0; i < node.entryCount(); i++) {
        walk(node.value(i), depth + 1, node.key(i), node.lastKey(i, last));
      }
    }
  }
}
