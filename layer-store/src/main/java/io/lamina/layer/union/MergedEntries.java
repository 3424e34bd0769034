package io.lamina.layer.union;

import io.lamina.fs.EntryVisitor;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one merged directory, ordered by a hash of their names: a listing that stops and
 * goes on later meets each entry that stayed exactly once, whatever came and went meanwhile.
 *
 * <p>Safe for use by many threads.
 */
final class MergedEntries {
  /** Names of the same hash share this many cookies. */
  private static final int SAME_HASH = 16;

  /** Of a directory that had no entries when those of the others were listed. */
  static final long UNCOUNTED = -1;

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final ConcurrentNavigableMap<Long, Entry> byCookie = new ConcurrentSkipListMap<>();
  private final AtomicInteger count = new AtomicInteger(); // to ask the map takes a walk
  private final Set<Name> unclear = ConcurrentHashMap.newKeySet(1);

  /** Guarded by the tree's lock, as the next. */
  private int[] branchNrs;

  private long[] removalCounts;

  /**
   * Those of some directories, which are still to be listed.
   *
   * @param directories topmost first
   */
  MergedEntries(List<BranchNode> directories) {
    branchNrs = directories.stream().mapToInt(BranchNode::branchNr).toArray();
    removalCounts = directories.stream().mapToLong(each -> each.node().removalCount()).toArray();
  }

  /**
   * The count of removals in a branch's directory up to which the numbers that entries have there
   * are those of its files; {@link #UNCOUNTED} where it has come since they were listed.
   */
  long removalCount(int branchNr) {
    int index = index(branchNr);
    return index < 0 ? UNCOUNTED : removalCounts[index];
  }

  /** Notes that the numbers are still those of the files. */
  void setRemovalCount(int branchNr, long count) {
    int index = index(branchNr);
    if (index < 0) {
      index = branchNrs.length;
      branchNrs = Arrays.copyOf(branchNrs, index + 1);
      removalCounts = Arrays.copyOf(removalCounts, index + 1);
      branchNrs[index] = branchNr;
    }
    removalCounts[index] = count;
  }

  private int index(int branchNr) {
    int index = branchNrs.length - 1;
    while (index >= 0 && branchNrs[index] != branchNr) {
      index--;
    }
    return index;
  }

  /**
   * One entry.
   *
   * @param inodeNr the number that the union shows
   * @param branchInodeNr the number in the first of the branches
   * @param branchNrs the branches that have it, topmost first: several of a directory
   */
  record Entry(
      Name name, FileType type, long inodeNr, long branchInodeNr, List<Integer> branchNrs) {}

  /** Where a listing goes on after an entry; 0 is none. */
  private static long hash(Name name) {
    long hash = GOLDEN;
    String bytes = name.latin1();
    for (int i = 0; i < bytes.length(); i++) {
      hash = (hash ^ bytes.charAt(i)) * GOLDEN;
      hash ^= hash >>> 32;
    }
    return (hash & Long.MAX_VALUE & -SAME_HASH) | 1;
  }

  /** The entry of a name; null where there is none. */
  @Nullable Entry get(Name name) {
    long first = hash(name);
    Map.Entry<Long, Entry> at = byCookie.ceilingEntry(first);
    while (at != null && at.getKey() < first + SAME_HASH - 1) {
      if (at.getValue().name.equals(name)) {
        return at.getValue();
      }
      at = byCookie.higherEntry(at.getKey());
    }
    return null;
  }

  /** Adds an entry, instead of one that has its name. */
  void put(Entry entry) {
    long first = hash(entry.name);
    Long nearest = byCookie.floorKey(first + SAME_HASH - 2);
    if (nearest == null || nearest < first) { // nearly always
      byCookie.put(first + SAME_HASH - 2, entry);
      count.incrementAndGet();
      return;
    }
    long free = 0;
    for (long cookie = first + SAME_HASH - 2; cookie >= first; cookie--) {
      Entry there = byCookie.get(cookie);
      if (there == null) {
        free = cookie;
      } else if (there.name.equals(entry.name)) {
        byCookie.put(cookie, entry);
        return;
      }
    }
    if (free == 0) {
      throw new IllegalStateException("too many names of one hash: " + entry.name);
    }
    byCookie.put(free, entry);
    count.incrementAndGet();
  }

  void remove(Name name) {
    long first = hash(name);
    if (byCookie.subMap(first, first + SAME_HASH - 1).values().removeIf(e -> e.name.equals(name))) {
      count.decrementAndGet();
    }
  }

  /** A name that the branches say nothing sensible about: it is not listed, and gives EIO. */
  void addUnclear(Name name) {
    unclear.add(name);
  }

  boolean isUnclear(Name name) {
    return !unclear.isEmpty() && unclear.contains(name);
  }

  boolean isEmpty() {
    return byCookie.isEmpty();
  }

  List<Name> names() {
    return byCookie.values().stream().map(Entry::name).toList();
  }

  int count() {
    return count.get();
  }

  /** As {@link io.lamina.fs.Node#list}. */
  void list(long cookie, EntryVisitor visitor) {
    for (Map.Entry<Long, Entry> at : byCookie.tailMap(cookie, false).entrySet()) {
      Entry entry = at.getValue();
      if (!visitor.entry(entry.name, entry.inodeNr, entry.type, at.getKey())) {
        return;
      }
    }
  }
}
