package io.lamina.thin.check;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockHeader;
import io.lamina.persist.space.Bitmap;
import io.lamina.persist.space.IndexEntry;
import io.lamina.persist.space.SpaceMapRoot;
import io.lamina.persist.walk.LeafCursor;
import io.lamina.thin.Leak;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Compares one space map, bitmap by bitmap, with the references that were counted. */
final class SpaceMapCheck {
  private final Survey survey;
  private final Findings findings;
  private final String map;
  private final SpaceMapRoot root;
  private final BitmapList bitmaps;
  private final Counts counted;
  private final Finding leak;
  private final Finding underCount;
  private final OverflowCursor overflow;
  private long allocatedCount;
  private boolean isComplete = true;

  SpaceMapCheck(Survey survey, String map, SpaceMapRoot root, BitmapList bitmaps, Counts counted) {
    this.survey = survey;
    this.findings = survey.findings();
    this.map = map;
    this.root = root;
    this.bitmaps = bitmaps;
    this.counted = counted;
    boolean isOfData = map.startsWith("data");
    this.leak = isOfData ? Finding.DATA_LEAK : Finding.METADATA_LEAK;
    this.underCount = isOfData ? Finding.DATA_UNDER_COUNT : Finding.METADATA_UNDER_COUNT;
    this.overflow = new OverflowCursor();
  }

  void run() throws IOException {
    long bitmapCount = (root.blockCount() + Bitmap.ENTRY_COUNT - 1) / Bitmap.ENTRY_COUNT;
    int present = (int) Math.min(bitmapCount, bitmaps.count());
    for (int i = 0; i < present; i++) {
      if (bitmaps.has(i)) {
        compare(i);
      } else {
        isComplete = false;
      }
    }
    overflow.skipTo(root.blockCount());
    boolean isKnown = isComplete && present == bitmapCount;
    if (isKnown && Long.compareUnsigned(root.allocatedCount(), allocatedCount) < 0) {
      findings.add(
          new Damage(
              "superblock",
              0,
              map + " nr_allocated",
              "at least " + allocatedCount,
              Long.toUnsignedString(root.allocatedCount())));
    }
  }

  private void compare(int index) throws IOException {
    IndexEntry entry = bitmaps.get(index);
    ByteBuffer bytes;
    try {
      bytes = survey.blocks().read(entry.bitmapNr(), Bitmap.TYPE);
    } catch (CorruptException e) {
      findings.addUnreadable(e);
      isComplete = false;
      return;
    }
    long start = (long) index * Bitmap.ENTRY_COUNT;
    int count = (int) Math.min(Bitmap.ENTRY_COUNT, root.blockCount() - start);
    byte[] pairs = new byte[(count + 3) / 4];
    bytes.get(BlockHeader.BYTES, pairs);
    int freeCount = 0;
    for (int i = 0; i < count; i++) {
      int pair = pairs[i >> 2] >>> ((i & 3) * 2) & 3;
      if (pair == 0) {
        freeCount++;
      }
      compare(start + i, pair == 0 ? 0 : stored(start + i, pair, entry), entry);
    }
    allocatedCount += count - freeCount;
    checkEntry(index, entry, freeCount + Bitmap.ENTRY_COUNT - count);
  }

  private void compare(long blockNr, long stored, IndexEntry entry) {
    long references = counted.covers(blockNr) ? counted.get(blockNr) : 0;
    if (stored == references || stored < 0 || (stored > references && findings.isBlind())) {
      return;
    }
    Supplier<Damage> damage =
        () ->
            Damage.ofNumbers(
                map, entry.bitmapNr(), "count of block " + blockNr, references, stored);
    if (stored > references) {
      findings.addLeak(leak, new Leak(leak == Finding.DATA_LEAK, blockNr, references), damage);
    } else {
      findings.add(underCount, damage);
    }
  }

  /** The count that a pair of bits stands for; the first bit is the high one. */
  private long stored(long blockNr, int pair, IndexEntry entry) throws IOException {
    int count = ((pair & 1) << 1) | (pair >>> 1);
    if (count != Bitmap.OVERFLOW || !overflow.isReadable) {
      return count == Bitmap.OVERFLOW ? -1 : count;
    }
    long large = overflow.count(blockNr);
    if (large < Bitmap.OVERFLOW && overflow.isReadable) {
      findings.add(
          new Damage(
              map + " overflow tree",
              entry.bitmapNr(),
              "count of block " + blockNr,
              "3 or more, as the bitmap says",
              large < 0 ? "none" : "" + large));
      return -1;
    }
    return large;
  }

  /**
   * An index may promise less room than there is, as thin_restore's does, but not more. The rest of
   * the last bitmap, for which there are no blocks, may count as free.
   */
  private void checkEntry(int index, IndexEntry entry, int freeCount) {
    if (Integer.compareUnsigned(entry.freeCount(), freeCount) > 0) {
      hint(index, entry, "nr_free", freeCount, entry.freeCount());
    }
    if (Integer.compareUnsigned(entry.noneFreeBefore(), Bitmap.ENTRY_COUNT) > 0) {
      hint(index, entry, "none_free_before", Bitmap.ENTRY_COUNT, entry.noneFreeBefore());
    }
  }

  private void hint(int index, IndexEntry entry, String field, int most, int found) {
    findings.add(
        new Damage(
            map + " index",
            entry.bitmapNr(),
            field + " of bitmap " + index,
            "at most " + most,
            Integer.toUnsignedString(found)));
  }

  /** Finds the counts above two for ascending block numbers. */
  private final class OverflowCursor {
    private final LeafCursor leaves;
    private int at;
    private boolean isStarted;
    private boolean hasLeaf;
    private boolean isReadable = true;

    OverflowCursor() {
      leaves = new LeafCursor(survey.blocks(), Integer.BYTES, map + " overflow");
      leaves.open(root.overflowRoot());
    }

    /** The count of a block; -1 where the tree has none. */
    long count(long blockNr) throws IOException {
      skipTo(blockNr);
      if (!hasLeaf || leaves.leaf().key(at) != blockNr) {
        return -1;
      }
      return leaves.leaf().intValue(at++);
    }

    /** Passes entries below a block number: the bitmap does not say that they exist. */
    void skipTo(long blockNr) throws IOException {
      while (isReadable && move()) {
        long key = leaves.leaf().key(at);
        if (Long.compareUnsigned(key, blockNr) >= 0) {
          return;
        }
        if (isComplete) {
          long leafNr = leaves.leaf().blockNr();
          findings.add(
              new Damage(
                  map + " overflow tree",
                  leafNr,
                  "count of block " + Long.toUnsignedString(key),
                  "none, as the bitmap says",
                  "" + leaves.leaf().intValue(at)));
        }
        at++;
      }
    }

    /** Whether there is an entry to look at. */
    private boolean move() throws IOException {
      try {
        while (!isStarted || (hasLeaf && at >= leaves.leaf().entryCount())) {
          isStarted = true;
          hasLeaf = leaves.next();
          at = 0;
        }
        return hasLeaf;
      } catch (CorruptException e) {
        isReadable = false; // the walk of the tree has reported it
        hasLeaf = false;
        return false;
      }
    }
  }
}
