package io.lamina.layer.union;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.fs.EntryVisitor;
import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one merged directory, ordered by a hash of their names: a listing that stops and
 * goes on later meets each entry that stayed exactly once, whatever came and went meanwhile.
 *
 * <p>A directory may have a million of them: each takes 60 to 80 bytes, of a short name. Safe for
 * use by many threads.
 */
final class MergedEntries {
  /** Names of the same hash share this many cookies. */
  private static final int SAME_HASH = 16;

  /** Of a directory that had no entries when those of the others were listed. */
  static final long UNCOUNTED = -1;

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  /** So many are read at a time and then told. */
  private static final int TOLD_AT_ONCE = 64;

  private static final int OVERHEAD_BYTES = 400;

  @GuardedBy("this")
  private final CookieTable byCookie = new CookieTable();

  @GuardedBy("this")
  private EntryRecords records = new EntryRecords();

  @GuardedBy("this")
  private final Set<Name> unclear = new HashSet<>(1);

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

  /** What a listing tells of an entry. */
  private record Told(Name name, long inodeNr, FileType type, long cookie) {}

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
  synchronized @Nullable Entry get(Name name) {
    int slot = slot(name);
    return slot == CookieTable.NONE ? null : records.entry(byCookie.number(slot), name);
  }

  @GuardedBy("this")
  private int slot(Name name) {
    long end = hash(name) + SAME_HASH - 1;
    int slot = byCookie.first(end - SAME_HASH + 1, end);
    while (slot != CookieTable.NONE && !records.hasName(byCookie.number(slot), name)) {
      slot = byCookie.first(byCookie.cookie(slot) + 1, end);
    }
    return slot;
  }

  /** Adds an entry, instead of one that has its name. */
  synchronized void put(Entry entry) {
    int slot = slot(entry.name);
    if (slot == CookieTable.NONE) {
      byCookie.add(freeCookie(entry.name), records.add(entry));
    } else {
      records.set(byCookie.number(slot), entry);
    }
  }

  /** The last of a hash's cookies that is free. */
  @GuardedBy("this")
  private long freeCookie(Name name) {
    long first = hash(name);
    for (long cookie = first + SAME_HASH - 2; cookie >= first; cookie--) {
      if (byCookie.first(cookie, cookie + 1) == CookieTable.NONE) {
        return cookie;
      }
    }
    throw new IllegalStateException("too many names of one hash: " + name);
  }

  synchronized void remove(Name name) {
    int slot = slot(name);
    if (slot == CookieTable.NONE) {
      return;
    }
    records.remove(byCookie.number(slot));
    byCookie.remove(slot);
    if (records.isMostlyUnused()) {
      storeAnew();
    }
  }

  @GuardedBy("this")
  private void storeAnew() {
    EntryRecords fresh = new EntryRecords();
    for (int slot = byCookie.ceiling(1); slot != CookieTable.NONE; slot = byCookie.next(slot)) {
      int number = byCookie.number(slot);
      byCookie.setNumber(slot, fresh.add(records.entry(number, records.name(number))));
    }
    records = fresh;
  }

  /** A name that the branches say nothing sensible about: it is not listed, and gives EIO. */
  synchronized void addUnclear(Name name) {
    unclear.add(name);
  }

  synchronized boolean isUnclear(Name name) {
    return !unclear.isEmpty() && unclear.contains(name);
  }

  boolean isEmpty() {
    return count() == 0;
  }

  List<Name> names() {
    List<Name> names = new ArrayList<>(count());
    list(0, (name, inodeNr, type, next) -> names.add(name));
    return names;
  }

  synchronized int count() {
    return byCookie.count();
  }

  /** How much memory it takes. */
  synchronized long byteCount() {
    return byCookie.byteCount() + records.byteCount() + OVERHEAD_BYTES;
  }

  /** As {@link io.lamina.fs.Node#list}. */
  void list(long cookie, EntryVisitor visitor) {
    List<Told> part = part(cookie);
    while (!part.isEmpty()) {
      for (Told told : part) {
        if (!visitor.entry(told.name, told.inodeNr, told.type, told.cookie)) {
          return;
        }
      }
      part = part(part.get(part.size() - 1).cookie);
    }
  }

  /** The next few behind a cookie. */
  private synchronized List<Told> part(long cookie) {
    List<Told> part = new ArrayList<>(Math.min(TOLD_AT_ONCE, byCookie.count()));
    int slot = cookie == Long.MAX_VALUE ? CookieTable.NONE : byCookie.ceiling(cookie + 1);
    while (slot != CookieTable.NONE && part.size() < TOLD_AT_ONCE) {
      int number = byCookie.number(slot);
      part.add(
          new Told(
              records.name(number),
              records.inodeNr(number),
              records.type(number),
              byCookie.cookie(slot)));
      slot = byCookie.next(slot);
    }
    return part;
  }
}
