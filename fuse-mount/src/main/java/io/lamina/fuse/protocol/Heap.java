package io.lamina.fuse.protocol;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.List;

/** How much of the process's memory is in use for good: what the last collections left. */
final class Heap {
  /** What is left beyond is needed for requests, and for what else is remembered. */
  private static final double MOST_USED_SHARE = 0.75;

  private static final List<MemoryPoolMXBean> OLD = watched();

  private Heap() {}

  private static List<MemoryPoolMXBean> watched() {
    List<MemoryPoolMXBean> old =
        ManagementFactory.getMemoryPoolMXBeans().stream().filter(Heap::isOld).toList();
    for (MemoryPoolMXBean pool : old) {
      pool.setCollectionUsageThreshold((long) (pool.getUsage().getMax() * MOST_USED_SHARE));
    }
    return old;
  }

  /** Whether it is the pool of what stays; an eden has one of the thresholds alone. */
  private static boolean isOld(MemoryPoolMXBean pool) {
    return pool.getType() == MemoryType.HEAP
        && pool.isUsageThresholdSupported()
        && pool.isCollectionUsageThresholdSupported()
        && pool.getUsage().getMax() > 0;
  }

  /** Whether too much of it was still in use after its last collection. */
  static boolean isShort() {
    return OLD.stream().anyMatch(MemoryPoolMXBean::isCollectionUsageThresholdExceeded);
  }
}
