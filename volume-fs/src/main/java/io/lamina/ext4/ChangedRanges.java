package io.lamina.ext4;

import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The ranges of a file's blocks that fast commits mapped anew, or took away. */
final class ChangedRanges {
  /** By the first block of the file; they do not overlap. */
  private final TreeMap<Long, Run> runs = new TreeMap<>();

  private boolean isNew;

  /** Marks the file as new: nothing that its inode number had mapped before is its own. */
  void setNew() {
    isNew = true;
    runs.clear();
  }

  /** Whether what the volume says of its blocks is about an earlier file. */
  boolean isNew() {
    return isNew;
  }

  /** Maps a range anew; what was there before is cut off. */
  void put(long fileBlockNr, Run run) {
    long end = fileBlockNr + run.blockCount();
    splitAt(fileBlockNr);
    splitAt(end);
    runs.subMap(fileBlockNr, end).clear();
    runs.put(fileBlockNr, run);
  }

  private void splitAt(long fileBlockNr) {
    Map.Entry<Long, Run> before = runs.lowerEntry(fileBlockNr);
    if (before == null || endOf(before) <= fileBlockNr) {
      return;
    }
    long kept = fileBlockNr - before.getKey();
    runs.put(fileBlockNr, rest(before.getValue(), kept));
    runs.put(before.getKey(), before.getValue().part(0, kept));
  }

  private static long endOf(Map.Entry<Long, Run> entry) {
    return entry.getKey() + entry.getValue().blockCount();
  }

  private static Run rest(Run run, long skipped) {
    return run.part(skipped, run.blockCount() - skipped);
  }

  /** The ranges, by their first blocks. */
  SortedMap<Long, Run> runs() {
    return Collections.unmodifiableSortedMap(runs);
  }

  /** The map of a new file. */
  BlockMap alone() {
    return over(fileBlockNr -> Run.hole(BlockMap.END));
  }

  /** The map of a file with these ranges laid over the one that its inode has. */
  BlockMap over(BlockMap map) {
    return fileBlockNr -> at(fileBlockNr, map);
  }

  private Run at(long fileBlockNr, BlockMap map) throws IOException {
    Map.Entry<Long, Run> floor = runs.floorEntry(fileBlockNr);
    if (floor != null && fileBlockNr < endOf(floor)) {
      return rest(floor.getValue(), fileBlockNr - floor.getKey());
    }
    Run below = map.at(fileBlockNr);
    Long next = runs.higherKey(fileBlockNr);
    long most = next == null ? below.blockCount() : next - fileBlockNr;
    return below.part(0, Math.min(below.blockCount(), most));
  }
}
