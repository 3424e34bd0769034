package io.lamina.thin.check;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockManager;
import io.lamina.persist.space.Bitmap;
import io.lamina.persist.space.IndexBlock;
import io.lamina.persist.space.IndexEntry;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.persist.walk.BlockScan;
import io.lamina.persist.walk.WalkedNode;
import io.lamina.thin.Leak;
import io.lamina.thin.Superblock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Checks a pool's metadata: every structure, and both space maps against a full walk. Each shared
 * subtree is walked once. Goes on behind damage as far as it can; changes nothing.
 *
 * <p>Memory: a byte for each data block in use, about as much for each metadata block; nothing that
 * only a claim of the superblock makes large.
 */
public final class PoolCheck {
  private static final int OVERFLOW_BYTES = Integer.BYTES;

  /** More bitmaps than an index block has entries for no metadata space map can have. */
  private static final long MAX_METADATA_BLOCKS =
      (long) IndexBlock.ENTRY_COUNT * Bitmap.ENTRY_COUNT;

  private final BlockDevice device;
  private final Findings findings;
  private final Superblock superblock;
  private final Survey survey;

  private PoolCheck(
      BlockDevice device, Superblock superblock, Findings findings, CheckProgress progress) {
    this.device = device;
    this.superblock = superblock;
    this.findings = findings;
    this.survey = new Survey(new BlockScan(device), metadataBlockCount(), findings, progress);
  }

  /**
   * Checks metadata.
   *
   * @param dataBytes size of the data device; negative where it is not known
   * @param maxShown how many findings of a kind to keep; all are counted
   * @throws io.lamina.ondisk.UnsupportedException when the pool uses an unknown feature
   * @throws CorruptException when the superblock is damaged, so that there is nothing to start from
   * @throws IOException when the device cannot be read
   */
  public static CheckReport run(
      BlockDevice metadata, long dataBytes, int maxShown, CheckProgress progress)
      throws IOException {
    return run(metadata, dataBytes, maxShown, progress, leak -> {});
  }

  /** The same; shows each leak to somebody who may want to mend them, if there is nothing worse. */
  public static CheckReport run(
      BlockDevice metadata,
      long dataBytes,
      int maxShown,
      CheckProgress progress,
      Consumer<Leak> leaks)
      throws IOException {
    Superblock superblock = Superblock.read(metadata, Superblock.BLOCK_NR);
    Findings findings = new Findings(maxShown, leaks);
    return new PoolCheck(metadata, superblock, findings, progress).run(dataBytes);
  }

  private CheckReport run(long dataBytes) throws IOException {
    checkSizes(dataBytes);
    survey.counts().increment(Superblock.BLOCK_NR);
    survey.notes().setUse(Superblock.BLOCK_NR, BlockUse.SUPERBLOCK);
    BitmapList dataBitmaps = dataIndex();
    Counts data = new Counts(coveredBlocks(dataBitmaps));
    walkOverflow(BlockUse.DATA_OVERFLOW, superblock.dataSpaceMap());
    BitmapList metadataBitmaps = metadataIndex();
    walkOverflow(BlockUse.METADATA_OVERFLOW, superblock.metadataSpaceMap());
    MappingCheck mappings = new MappingCheck(findings, data, superblock);
    DeviceCheck devices = new DeviceCheck(survey, superblock, mappings);
    devices.run();
    held(devices);
    new SpaceMapCheck(survey, "data space map", superblock.dataSpaceMap(), dataBitmaps, data).run();
    new SpaceMapCheck(
            survey,
            "metadata space map",
            superblock.metadataSpaceMap(),
            metadataBitmaps,
            survey.counts())
        .run();
    return new CheckReport(
        devices.deviceCount(),
        mappings.mappingCount(),
        superblock.metadataSpaceMap().allocatedCount(),
        superblock.needsCheck(),
        findings.isBlind(),
        findings.totals(),
        findings.shown());
  }

  private long metadataBlockCount() {
    long existing = device.size() / BlockManager.BLOCK_BYTES;
    long counted = superblock.metadataSpaceMap().blockCount();
    long most = Math.min(existing, MAX_METADATA_BLOCKS);
    return Long.compareUnsigned(counted, most) <= 0 && counted > 0 ? counted : most;
  }

  private void checkSizes(long dataBytes) {
    long blockCount = device.size() / BlockManager.BLOCK_BYTES;
    atMost("metadata_nr_blocks", blockCount, superblock.metadataBlockCount());
    atMost(
        "metadata space map nr_blocks",
        Math.min(blockCount, MAX_METADATA_BLOCKS),
        superblock.metadataSpaceMap().blockCount());
    if (dataBytes >= 0) {
      atMost(
          "data space map nr_blocks",
          dataBytes / superblock.dataBlockBytes(),
          superblock.dataSpaceMap().blockCount());
    }
  }

  private void atMost(String field, long most, long found) {
    if (Long.compareUnsigned(found, most) > 0) {
      findings.add(
          new Damage(
              "superblock",
              Superblock.BLOCK_NR,
              field,
              "at most " + most + ", the size of the device",
              Long.toUnsignedString(found)));
    }
  }

  /** As many data blocks as there are bitmaps for: nothing else needs a counter. */
  private long coveredBlocks(BitmapList bitmaps) {
    long covered = (long) bitmaps.count() * Bitmap.ENTRY_COUNT;
    long blockCount = superblock.dataSpaceMap().blockCount();
    return Long.compareUnsigned(blockCount, covered) < 0 ? blockCount : covered;
  }

  private BitmapList dataIndex() throws IOException {
    SpaceMapRoot root = superblock.dataSpaceMap();
    long bitmapCount = Long.divideUnsigned(root.blockCount() - 1, Bitmap.ENTRY_COUNT) + 1;
    long most = Math.min(root.blockCount() == 0 ? 0 : bitmapCount, survey.counts().blockCount());
    BitmapList bitmaps = new BitmapList();
    TreeWalk index =
        new TreeWalk(
            survey,
            BlockUse.DATA_INDEX,
            IndexEntry.BYTES,
            leaf -> {
              for (int i = 0; i < leaf.entryCount(); i++) {
                indexEntry(leaf, i, most, bitmaps);
              }
              return true;
            });
    index.walk(root.indexRoot());
    bitmaps(bitmaps, BlockUse.DATA_BITMAP, most);
    return bitmaps;
  }

  private void indexEntry(WalkedNode leaf, int at, long most, BitmapList bitmaps) {
    long key = leaf.key(at);
    if (Long.compareUnsigned(key, most) >= 0) {
      findings.add(
          leaf.damaged("bitmap", "less than " + most, Long.toUnsignedString(key)).damage());
      return;
    }
    long free = leaf.valueWord(at, 1);
    bitmaps.add(
        (int) key,
        new IndexEntry(leaf.valueWord(at, 0), (int) free, (int) (free >>> Integer.SIZE)));
  }

  private BitmapList metadataIndex() throws IOException {
    SpaceMapRoot root = superblock.metadataSpaceMap();
    BitmapList bitmaps = new BitmapList();
    @Nullable ByteBuffer index =
        survey.only(root.indexRoot(), BlockUse.METADATA_INDEX, IndexBlock.TYPE);
    if (index == null) {
      return bitmaps;
    }
    IndexBlock block = new IndexBlock(index);
    long bitmapCount =
        Math.min(
            (survey.counts().blockCount() + Bitmap.ENTRY_COUNT - 1) / Bitmap.ENTRY_COUNT,
            IndexBlock.ENTRY_COUNT);
    for (int i = 0; i < bitmapCount; i++) {
      bitmaps.add(i, block.entry(i));
    }
    bitmaps(bitmaps, BlockUse.METADATA_BITMAP, bitmapCount);
    return bitmaps;
  }

  /** Visits the bitmaps themselves; forgets those that cannot be used. */
  private void bitmaps(BitmapList bitmaps, BlockUse use, long expectedCount) throws IOException {
    for (int i = 0; i < bitmaps.count(); i++) {
      if (!bitmaps.has(i)) {
        missing(use, i, 1);
      } else if (survey.only(bitmaps.get(i).bitmapNr(), use, Bitmap.TYPE) == null) {
        bitmaps.remove(i);
      }
    }
    if (bitmaps.count() < expectedCount && !findings.isBlind()) {
      missing(use, bitmaps.count(), expectedCount - bitmaps.count());
    }
  }

  private void missing(BlockUse use, long index, long count) {
    findings.addUnreadable(
        new CorruptException(
            new Damage(
                use.structure(),
                superblock.dataSpaceMap().indexRoot(),
                count == 1 ? "bitmap " + index : "bitmaps " + index + " and on",
                "present",
                "none")));
  }

  private void walkOverflow(BlockUse use, SpaceMapRoot root) throws IOException {
    new TreeWalk(survey, use, OVERFLOW_BYTES, leaf -> true).walk(root.overflowRoot());
  }

  /** The trees of a metadata snapshot, and the copy of the superblock that holds them. */
  private void held(DeviceCheck devices) throws IOException {
    long root = superblock.heldRoot();
    if (root == Superblock.BLOCK_NR || !survey.refer(root, BlockUse.SUPERBLOCK)) {
      return;
    }
    @Nullable BlockUse known = survey.notes().use(root);
    if (known != null) {
      survey.contradiction(root, known, BlockUse.SUPERBLOCK);
      return;
    }
    survey.notes().setUse(root, BlockUse.SUPERBLOCK);
    try {
      Superblock held = Superblock.read(device, root);
      devices.runHeld(held);
    } catch (CorruptException e) {
      findings.addUnreadable(e);
    }
  }
}
