package io.lamina.fuse.protocol;

import io.lamina.fs.NodeSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gives sources small numbers, for as long as a node of theirs is known. Used under a lock. */
final class NodeSources {
  private static final class Used {
    final NodeSource source;
    final int index;
    int nodeCount;

    Used(NodeSource source, int index) {
      this.source = source;
      this.index = index;
    }
  }

  private final IdentityHashMap<NodeSource, Used> bySource = new IdentityHashMap<>();
  private final List<@Nullable Used> byIndex = new ArrayList<>();

  /** The number of a source; -1 where no node of it is known. */
  int index(NodeSource source) {
    Used used = bySource.get(source);
    return used == null ? -1 : used.index;
  }

  NodeSource source(int index) {
    return used(index).source;
  }

  /** Counts one more node of a source, and gives its number. */
  int add(NodeSource source) {
    Used used = bySource.get(source);
    if (used == null) {
      used = new Used(source, firstFree());
      bySource.put(source, used);
      byIndex.set(used.index, used);
    }
    used.nodeCount++;
    return used.index;
  }

  private int firstFree() {
    int free = byIndex.indexOf(null);
    if (free < 0) {
      free = byIndex.size();
      byIndex.add(null);
    }
    return free;
  }

  /** Counts one node less. */
  void remove(int index) {
    Used used = used(index);
    if (--used.nodeCount == 0) {
      bySource.remove(used.source);
      byIndex.set(index, null);
    }
  }

  private Used used(int index) {
    Used used = byIndex.get(index);
    if (used == null) {
      throw new IllegalStateException("no source " + index);
    }
    return used;
  }
}
