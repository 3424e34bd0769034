package io.lamina.ext4;

import java.util.BitSet;

/**
 * What is known of a block group beyond its descriptor: which of its free clusters may be taken.
 * Its monitor is the group's lock: held while the group's bitmaps and descriptor change, and while
 * nothing is waited for.
 */
final class BlockGroup {
  private final long nr;

  /** Clusters freed by transactions that are not committed: they may come back yet. */
  private final BitSet freed = new BitSet();

  /** Free clusters that are the {@link GrowthRun} of some file. */
  private final BitSet kept = new BitSet();

  /** No cluster before this one is free in the bitmap: looking for one begins here. */
  private int firstClear;

  private long freeClusterCount;
  private long freeInodeCount;
  private long directoryCount;

  BlockGroup(long nr, long freeClusterCount, long freeInodeCount, long directoryCount) {
    this.nr = nr;
    this.freeClusterCount = freeClusterCount;
    this.freeInodeCount = freeInodeCount;
    this.directoryCount = directoryCount;
  }

  long nr() {
    return nr;
  }

  BitSet freed() {
    return freed;
  }

  BitSet kept() {
    return kept;
  }

  int firstClear() {
    return firstClear;
  }

  void setFirstClear(int index) {
    firstClear = index;
  }

  /** Clusters that may be taken. */
  synchronized long freeClusterCount() {
    return freeClusterCount;
  }

  synchronized void addFreeClusters(long count) {
    freeClusterCount += count;
  }

  synchronized long freeInodeCount() {
    return freeInodeCount;
  }

  synchronized void addFreeInodes(long count) {
    freeInodeCount += count;
  }

  synchronized long directoryCount() {
    return directoryCount;
  }

  synchronized void addDirectories(long count) {
    directoryCount += count;
  }
}
