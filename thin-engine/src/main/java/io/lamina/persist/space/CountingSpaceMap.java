package io.lamina.persist.space;

import io.lamina.block.OutOfSpaceException;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.SpaceMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A space map within a transaction: the map as last committed, and over it the counts that this
 * transaction has changed, in memory until {@link StoredCounts} writes them down at commit. What
 * was looked at is kept in pages of one bitmap each.
 *
 * <p>A block may be handed out when it was free at the last commit and has not been touched since;
 * nor may it be one that readers of an earlier state may still look at ({@link #begin}). That is
 * the whole of the two-transaction rule.
 *
 * <p>For one thread at a time.
 */
public final class CountingSpaceMap implements SpaceMap {
  private static final int MAX_IDLE_PAGES = 256;

  /** Index block or index tree, and the way down to the counts above two. */
  private static final int INDEX_NEEDS = 4;

  private final String what;
  private StoredSpaceMap committed;
  private long blockCount;
  private long allocatedCount;
  private long takenCount;
  private long reservedCount;
  private long heldCount;
  private long cursor;
  private int changedCount;
  private long overflowChangeCount;
  private final Map<Long, CountPage> pages = new TreeMap<>();

  /** The page used last: neighbours are asked for one after another. */
  private CountPage lastPage = new CountPage();

  private long lastBitmap = -1;
  private final TreeSet<Long> unwrittenPages = new TreeSet<>();

  /** Counts above two that this transaction has changed. */
  private final Map<Long, Long> large = new HashMap<>();

  /**
   * A map as last committed.
   *
   * @param what the blocks are called in a message: {@code data blocks}
   */
  public CountingSpaceMap(StoredSpaceMap committed, String what) {
    this.what = what;
    this.committed = committed;
    this.blockCount = committed.root().blockCount();
    this.allocatedCount = committed.root().allocatedCount();
  }

  /** How many blocks it counts. */
  public long blockCount() {
    return blockCount;
  }

  /** How many of them are in use. */
  public long allocatedCount() {
    return allocatedCount;
  }

  /** How many counts this transaction has changed. */
  public int changedCount() {
    return changedCount;
  }

  /** At most so many metadata blocks does it take to write the changed counts down. */
  public long writingNeeds() {
    long bitmaps = unwrittenPages.size();
    return bitmaps + overflowChangeCount + (bitmaps + overflowChangeCount == 0 ? 0 : INDEX_NEEDS);
  }

  private CountPage page(long blockNr) throws IOException {
    long bitmap = blockNr / Bitmap.ENTRY_COUNT;
    if (bitmap != lastBitmap) {
      CountPage page = pages.get(bitmap);
      if (page == null) {
        page =
            bitmap < committed.bitmapCount()
                ? new CountPage(committed.bitmap(bitmap))
                : new CountPage();
        pages.put(bitmap, page);
      }
      lastPage = page;
      lastBitmap = bitmap;
    }
    return lastPage;
  }

  private static int at(long blockNr) {
    return (int) (blockNr % Bitmap.ENTRY_COUNT);
  }

  @Override
  public long count(long blockNr) throws IOException {
    if (Long.compareUnsigned(blockNr, blockCount) >= 0) {
      return committed.count(blockNr); // says what is wrong
    }
    int count = page(blockNr).count(at(blockNr));
    if (count != Bitmap.OVERFLOW) {
      return count;
    }
    Long mine = large.get(blockNr);
    return mine != null ? mine : committed.count(blockNr);
  }

  @Override
  public long freeCount() {
    return committed.root().blockCount()
        - committed.root().allocatedCount()
        - takenCount
        - reservedCount
        - heldCount;
  }

  /** How many are free as soon as the commit that freed them is over, and its {@link #letGo}. */
  public long heldCount() {
    return heldCount;
  }

  @Override
  public long allocate() throws IOException {
    long blockNr = findFree();
    cursor = blockNr + 1;
    take(blockNr);
    return blockNr;
  }

  private long findFree() throws IOException {
    long blockNr = find(cursor);
    if (blockNr < 0) {
      blockNr = find(0);
    }
    if (blockNr < 0) {
      throw new OutOfSpaceException("no free " + what + " of " + blockCount);
    }
    return blockNr;
  }

  /**
   * Keeps neighbouring free blocks for a use to come: nobody else gets them, but they are not
   * counted yet, so that a commit meanwhile leaks nothing.
   *
   * @param wanted at most so many
   * @return at least one
   * @throws OutOfSpaceException when no block is free
   */
  public BlockRun reserve(int wanted) throws IOException {
    BlockRun run = keepFrom(findFree(), wanted);
    cursor = run.end();
    return run;
  }

  private BlockRun keepFrom(long first, int most) throws IOException {
    int count = 0;
    do {
      page(first + count).keep(at(first + count));
      count++;
    } while (count < most && isFree(first + count));
    reservedCount += count;
    return new BlockRun(first, count);
  }

  /** Reserved blocks are used: each counts one. */
  public void useReserved(BlockRun blocks) throws IOException {
    for (long blockNr = blocks.first(); blockNr < blocks.end(); blockNr++) {
      page(blockNr).useKept();
      take(blockNr);
    }
    reservedCount -= blocks.count();
  }

  /** Reserved blocks are not used after all. */
  public void cancelReserved(BlockRun blocks) throws IOException {
    for (long blockNr = blocks.first(); blockNr < blocks.end(); blockNr++) {
      page(blockNr).letGo(at(blockNr));
    }
    reservedCount -= blocks.count();
  }

  private void take(long blockNr) throws IOException {
    takenCount++;
    allocatedCount++;
    set(blockNr, 1);
  }

  private boolean isFree(long blockNr) throws IOException {
    return blockNr < committed.root().blockCount() && page(blockNr).isAvailable(at(blockNr));
  }

  private long find(long start) throws IOException {
    long end = committed.root().blockCount();
    long blockNr = start;
    while (blockNr < end) {
      long bitmap = blockNr / Bitmap.ENTRY_COUNT;
      long base = bitmap * Bitmap.ENTRY_COUNT;
      if (bitmap == lastBitmap || committed.indexEntry(bitmap).freeCount() != 0) {
        int last = (int) Math.min(Bitmap.ENTRY_COUNT, end - base);
        int found = page(blockNr).nextAvailable(at(blockNr), last);
        if (found < last) {
          return base + found;
        }
      }
      blockNr = base + Bitmap.ENTRY_COUNT;
    }
    return -1;
  }

  @Override
  public void increment(long blockNr) throws IOException {
    set(blockNr, inUse(blockNr) + 1);
  }

  @Override
  public void decrement(long blockNr) throws IOException {
    long count = inUse(blockNr);
    if (count == 1) {
      allocatedCount--;
    }
    set(blockNr, count - 1);
  }

  /**
   * Brings a count down.
   *
   * @throws IllegalArgumentException when it is not above the new one
   */
  public void lower(long blockNr, long newCount) throws IOException {
    long count = count(blockNr);
    if (newCount < 0 || newCount >= count) {
      throw new IllegalArgumentException(
          what + ": block " + blockNr + " has count " + count + ", not above " + newCount);
    }
    if (newCount == 0) {
      allocatedCount--;
    }
    set(blockNr, newCount);
  }

  private long inUse(long blockNr) throws IOException {
    long count = count(blockNr);
    if (count == 0) {
      throw new CorruptException(
          new Damage(
              "space map of " + what,
              committed.root().indexRoot(),
              "count of " + blockNr,
              "at least 1",
              "0"));
    }
    return count;
  }

  private void set(long blockNr, long count) throws IOException {
    CountPage page = page(blockNr);
    if (count >= Bitmap.OVERFLOW || page.count(at(blockNr)) == Bitmap.OVERFLOW) {
      overflowChangeCount++;
    }
    if (page.isWritten()) {
      unwrittenPages.add(blockNr / Bitmap.ENTRY_COUNT);
    }
    if (page.set(at(blockNr), (int) Math.min(count, Bitmap.OVERFLOW))) {
      changedCount++;
    }
    if (count >= Bitmap.OVERFLOW) {
      large.put(blockNr, count);
    }
  }

  /**
   * Keeps free blocks from being handed out, as {@link #reserve} does: the first run of them.
   *
   * @param start where to look first
   * @param most at most so many
   * @return null where none is free from there on
   */
  public @Nullable BlockRun reserveFrom(long start, int most) throws IOException {
    long first = find(start);
    return first < 0 ? null : keepFrom(first, most);
  }

  /** A bitmap with counts that are not on disk yet, the lowest; -1 where there is none. */
  long nextUnwritten() {
    return unwrittenPages.isEmpty() ? -1 : unwrittenPages.first();
  }

  /** Takes out which counts of a bitmap are not on disk yet, as indexes into it. */
  BitSet takeUnwritten(long bitmap) throws IOException {
    unwrittenPages.remove(bitmap);
    return page(bitmap * Bitmap.ENTRY_COUNT).takeUnwritten();
  }

  StoredSpaceMap committed() {
    return committed;
  }

  /** From the next commit on there are more blocks. */
  public void grow(long newBlockCount) {
    blockCount = newBlockCount;
  }

  /**
   * The transaction is committed. Blocks that it freed are held until {@link #letGo}.
   *
   * @return the blocks that it freed, in ascending order
   */
  public List<BlockRun> begin(StoredSpaceMap nowCommitted) {
    committed = nowCommitted;
    List<BlockRun> freed = new ArrayList<>();
    pages.forEach((bitmap, page) -> addRuns(bitmap * Bitmap.ENTRY_COUNT, page.begin(), freed));
    for (BlockRun run : freed) {
      heldCount += run.count();
      cursor = Math.min(cursor, run.first());
    }
    large.clear();
    takenCount = 0;
    changedCount = 0;
    overflowChangeCount = 0;
    if (pages.size() > MAX_IDLE_PAGES) {
      pages.values().removeIf(CountPage::isForgettable);
      lastBitmap = -1;
    }
    return freed;
  }

  private static void addRuns(long base, BitSet blocks, List<BlockRun> runs) {
    int start = blocks.nextSetBit(0);
    while (start >= 0) {
      int end = blocks.nextClearBit(start);
      runs.add(new BlockRun(base + start, end - start));
      start = blocks.nextSetBit(end);
    }
  }

  /** Nobody looks at these blocks any more: they may be handed out. */
  public void letGo(List<BlockRun> freed) throws IOException {
    for (BlockRun run : freed) {
      for (long blockNr = run.first(); blockNr < run.end(); blockNr++) {
        page(blockNr).letGo(at(blockNr));
      }
      heldCount -= run.count();
    }
  }
}
