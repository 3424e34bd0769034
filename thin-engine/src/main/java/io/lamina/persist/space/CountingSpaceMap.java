package io.lamina.persist.space;

import io.lamina.block.OutOfSpaceException;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.SpaceMap;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A space map within a transaction: the map as last committed, and over it the counts that this
 * transaction has changed, in memory until {@link StoredCounts} writes them down at commit.
 *
 * <p>A block may be handed out when it was free at the last commit and has not been touched since;
 * nor may it be one that readers of an earlier state may still look at ({@link #begin}). That is
 * the whole of the two-transaction rule.
 *
 * <p>For one thread at a time.
 */
public final class CountingSpaceMap implements SpaceMap {
  private final String what;
  private StoredSpaceMap committed;
  private long blockCount;
  private long allocatedCount;
  private long takenCount;
  private long cursor;
  private final Map<Long, Long> counts = new HashMap<>();
  private final Set<Long> reserved = new HashSet<>();
  private final Set<Long> held = new HashSet<>();
  private final TreeSet<Long> unwritten = new TreeSet<>();

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
    return counts.size();
  }

  @Override
  public long count(long blockNr) throws IOException {
    Long mine = counts.get(blockNr);
    if (mine != null) {
      return mine;
    }
    return blockNr >= committed.root().blockCount() && blockNr < blockCount
        ? 0
        : committed.count(blockNr);
  }

  @Override
  public long freeCount() {
    return committed.root().blockCount()
        - committed.root().allocatedCount()
        - takenCount
        - reserved.size()
        - held.size();
  }

  @Override
  public long allocate() throws IOException {
    long blockNr = find(cursor);
    if (blockNr < 0) {
      blockNr = find(0);
    }
    if (blockNr < 0) {
      throw new OutOfSpaceException("no free " + what + " of " + blockCount);
    }
    cursor = blockNr + 1;
    take(blockNr);
    return blockNr;
  }

  /**
   * Keeps neighbouring free blocks for a use to come: nobody else gets them, but they are not
   * counted yet, so that a commit meanwhile leaks nothing.
   *
   * @param wanted at most so many
   * @return the first and how many, at least one
   * @throws OutOfSpaceException when no block is free
   */
  public Reservation reserve(int wanted) throws IOException {
    long first = find(cursor);
    if (first < 0) {
      first = find(0);
    }
    if (first < 0) {
      throw new OutOfSpaceException("no free " + what + " of " + blockCount);
    }
    int count = 1;
    reserved.add(first);
    while (count < wanted && isFree(first + count)) {
      reserved.add(first + count);
      count++;
    }
    cursor = first + count;
    return new Reservation(first, count);
  }

  /** Neighbouring blocks kept for a use to come. */
  public record Reservation(long first, int count) {}

  /** A reserved block is used: it counts one. */
  public void useReserved(long blockNr) throws IOException {
    reserved.remove(blockNr);
    take(blockNr);
  }

  /** A reserved block is not used after all. */
  public void cancelReserved(long blockNr) {
    reserved.remove(blockNr);
  }

  private void take(long blockNr) {
    takenCount++;
    allocatedCount++;
    set(blockNr, 1);
  }

  private boolean isFree(long blockNr) throws IOException {
    return blockNr < committed.root().blockCount()
        && !counts.containsKey(blockNr)
        && !reserved.contains(blockNr)
        && !held.contains(blockNr)
        && committed.count(blockNr) == 0;
  }

  private long find(long start) throws IOException {
    long end = committed.root().blockCount();
    long blockNr = start;
    while (blockNr < end) {
      long bitmap = blockNr / Bitmap.ENTRY_COUNT;
      long base = bitmap * Bitmap.ENTRY_COUNT;
      IndexEntry entry = committed.indexEntry(bitmap);
      long found =
          entry.freeCount() == 0
              ? -1
              : findIn(
                  committed.bitmap(bitmap),
                  base,
                  (int) (Math.max(blockNr, base + Math.max(0, entry.noneFreeBefore())) - base),
                  (int) Math.min(Bitmap.ENTRY_COUNT, end - base));
      if (found >= 0) {
        return found;
      }
      blockNr = base + Bitmap.ENTRY_COUNT;
    }
    return -1;
  }

  private long findIn(Bitmap bitmap, long base, int from, int to) {
    for (int i = from; i < to; i++) {
      if (i % 4 == 0 && i + 4 <= to && bitmap.allInUse(i)) {
        i += 3;
        continue;
      }
      long blockNr = base + i;
      if (bitmap.count(i) == 0
          && !counts.containsKey(blockNr)
          && !reserved.contains(blockNr)
          && !held.contains(blockNr)) {
        return blockNr;
      }
    }
    return -1;
  }

  @Override
  public void increment(long blockNr) throws IOException {
    long count = count(blockNr);
    if (count == 0) {
      throw damaged(blockNr);
    }
    set(blockNr, count + 1);
  }

  @Override
  public void decrement(long blockNr) throws IOException {
    long count = count(blockNr);
    if (count == 0) {
      throw damaged(blockNr);
    }
    if (count == 1) {
      allocatedCount--;
    }
    set(blockNr, count - 1);
  }

  private CorruptException damaged(long blockNr) {
    return new CorruptException(
        new Damage(
            "space map of " + what,
            committed.root().indexRoot(),
            "count of " + blockNr,
            "at least 1",
            "0"));
  }

  private void set(long blockNr, long count) {
    counts.put(blockNr, count);
    unwritten.add(blockNr);
  }

  /** A count that is not on disk yet, lowest block first; -1 where all are. */
  long nextUnwritten() {
    Long next = unwritten.pollFirst();
    return next == null ? -1 : next;
  }

  /** The count as last committed, of a block that may be new. */
  long committedCount(long blockNr) throws IOException {
    return blockNr >= committed.root().blockCount() ? 0 : committed.count(blockNr);
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
   * @return the blocks that it freed
   */
  public Set<Long> begin(StoredSpaceMap nowCommitted) throws IOException {
    Set<Long> freed = new HashSet<>();
    for (Map.Entry<Long, Long> entry : counts.entrySet()) {
      if (entry.getValue() == 0) {
        freed.add(entry.getKey());
      }
    }
    committed = nowCommitted;
    counts.clear();
    takenCount = 0;
    held.addAll(freed);
    for (long blockNr : freed) {
      cursor = Math.min(cursor, blockNr);
    }
    return freed;
  }

  /** Nobody looks at these blocks any more: they may be handed out. */
  public void letGo(Set<Long> freed) {
    held.removeAll(freed);
  }
}
