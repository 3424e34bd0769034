package io.lamina.ext4;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Clusters of a volume, kept as runs. */
final class ClusterSet {
  /** Takes one run. */
  @FunctionalInterface
  interface Taker {
    void take(long blockNr, long blockCount) throws IOException;
  }

  private final int clusterBlocks;

  /** The ends of the runs by their starts; they neither overlap nor touch. */
  private final TreeMap<Long, Long> runs = new TreeMap<>();

  ClusterSet(int clusterBlocks) {
    this.clusterBlocks = clusterBlocks;
  }

  /** Adds the clusters that a file's content lies in. */
  void addAll(BlockMap map) throws IOException {
    long at = 0;
    while (at < BlockMap.END) {
      Run run = map.at(at);
      if (run.isMapped()) {
        add(run.blockNr(), run.blockCount());
      }
      at += run.blockCount();
    }
  }

  private void add(long blockNr, long blockCount) {
    long from = blockNr / clusterBlocks;
    long to = (blockNr + blockCount - 1) / clusterBlocks + 1;
    Map.Entry<Long, Long> before = runs.floorEntry(from);
    if (before != null && before.getValue() >= from) {
      from = before.getKey();
      to = Math.max(to, before.getValue());
    }
    for (Map.Entry<Long, Long> next = runs.ceilingEntry(from);
        next != null && next.getKey() <= to;
        next = runs.ceilingEntry(from)) {
      to = Math.max(to, next.getValue());
      runs.remove(next.getKey());
    }
    runs.put(from, to);
  }

  void addAll(ClusterSet other) {
    other.runs.forEach((from, to) -> add(from * clusterBlocks, (to - from) * clusterBlocks));
  }

  void removeAll(ClusterSet other) {
    other.runs.forEach(this::remove);
  }

  private void remove(long from, long to) {
    Map.Entry<Long, Long> run = runs.lowerEntry(to);
    while (run != null && run.getValue() > from) {
      runs.remove(run.getKey());
      if (run.getKey() < from) {
        runs.put(run.getKey(), from);
      }
      if (run.getValue() > to) {
        runs.put(to, run.getValue());
      }
      run = run.getKey() <= from ? null : runs.lowerEntry(run.getKey());
    }
  }

  /** Blocks of all its clusters. */
  long blockCount() {
    long count = 0;
    for (Map.Entry<Long, Long> run : runs.entrySet()) {
      count += run.getValue() - run.getKey();
    }
    return count * clusterBlocks;
  }

  /** Gives its runs in rising order, as blocks. */
  void forEach(Taker taker) throws IOException {
    for (Map.Entry<Long, Long> run : runs.entrySet()) {
      taker.take(run.getKey() * clusterBlocks, (run.getValue() - run.getKey()) * clusterBlocks);
    }
  }
}
