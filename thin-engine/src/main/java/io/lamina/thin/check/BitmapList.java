package io.lamina.thin.check;

import io.lamina.persist.space.IndexEntry;
import java.util.Arrays;

/** The bitmaps of a space map, as its index has them. Grows with what is found. */
final class BitmapList {
  private static final int INITIAL = 64;

  private long[] bitmapNrs = new long[INITIAL];
  private int[] freeCounts = new int[INITIAL];
  private int[] noneFreeBefore = new int[INITIAL];
  private int count;

  /** Takes the entry of one more bitmap; those left out are {@link #has not there}. */
  void add(int index, IndexEntry entry) {
    if (index >= bitmapNrs.length) {
      int length = Math.max(index + 1, bitmapNrs.length * 2);
      bitmapNrs = Arrays.copyOf(bitmapNrs, length);
      freeCounts = Arrays.copyOf(freeCounts, length);
      noneFreeBefore = Arrays.copyOf(noneFreeBefore, length);
    }
    bitmapNrs[index] = entry.bitmapNr();
    freeCounts[index] = entry.freeCount();
    noneFreeBefore[index] = entry.noneFreeBefore();
    count = Math.max(count, index + 1);
  }

  /** Marks one as unreadable. */
  void remove(int index) {
    bitmapNrs[index] = 0;
  }

  int count() {
    return count;
  }

  /** Whether a bitmap is known: block 0 is the superblock's. */
  boolean has(int index) {
    return index < count && bitmapNrs[index] != 0;
  }

  IndexEntry get(int index) {
    return new IndexEntry(bitmapNrs[index], freeCounts[index], noneFreeBefore[index]);
  }
}
