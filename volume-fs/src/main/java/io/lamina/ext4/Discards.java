package io.lamina.ext4;

import io.lamina.block.WritableDevice;
import io.lamina.ext4.format.Bitmap;
import io.lamina.ext4.format.Geometry;
import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the device which clusters are free. What one transaction freed is joined, and widened to
 * the free space around it as far as that completes units of the device. Meanwhile nobody gets
 * those clusters: they count as freed and not durable yet.
 */
final class Discards {
  private static final Logger log = LoggerFactory.getLogger(Discards.class);
  private static final int THREADS = 2;
  private static final long IDLE_SECONDS = 10;
  private static final Executor EXECUTOR =
      DaemonThreads.pool("ext4 discard", THREADS, IDLE_SECONDS);

  private final Volume volume;
  private final WritableDevice device;
  private final Geometry geometry;
  private final BlockGroups groups;
  private final BlockAllocator allocator;
  private final long clusterBytes;
  private final long unitBytes;
  private final Queue<FreedRun> waiting = new ConcurrentLinkedQueue<>();

  /** Guarded by {@link #discarding}. */
  private boolean discarded;

  /** Held while clusters are kept from everybody for a discard; before the groups' locks. */
  private final ReentrantLock discarding = new ReentrantLock();

  Discards(Volume volume, BlockGroups groups, BlockAllocator allocator) {
    this.volume = volume;
    this.device = volume.writable();
    this.geometry = volume.geometry();
    this.groups = groups;
    this.allocator = allocator;
    this.clusterBytes = (long) geometry.blockBytes() * geometry.clusterBlocks();
    this.unitBytes = Math.max(1, device.discardUnitBytes());
  }

  /** Takes clusters whose freeing is durable: they are discarded soon, and then released. */
  void add(List<FreedRun> runs) {
    waiting.addAll(runs);
    EXECUTOR.execute(this::discardWaiting);
  }

  /**
   * Returns when all that was added is discarded and released.
   *
   * @return whether anything was discarded since this was asked last
   */
  boolean finish() {
    discarding.lock();
    try {
      discardWaiting();
      boolean anything = discarded;
      discarded = false;
      return anything;
    } finally {
      discarding.unlock();
    }
  }

  /** Discards what was added; returns when nothing is kept from anybody any more. */
  void discardWaiting() {
    discarding.lock();
    try {
      List<FreedRun> taken = new ArrayList<>();
      for (FreedRun run = waiting.poll(); run != null; run = waiting.poll()) {
        taken.add(run);
      }
      for (FreedRun run : joined(taken)) {
        discard(run);
      }
    } finally {
      discarding.unlock();
    }
  }

  /** Runs in their order, those that touch made one. */
  static List<FreedRun> joined(List<FreedRun> runs) {
    List<FreedRun> sorted = new ArrayList<>(runs);
    sorted.sort(
        Comparator.comparingLong((FreedRun run) -> run.group().nr())
            .thenComparingInt(FreedRun::start));
    List<FreedRun> joined = new ArrayList<>();
    for (FreedRun run : sorted) {
      FreedRun last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
      if (last != null && last.group() == run.group() && last.stop() == run.start()) {
        joined.set(joined.size() - 1, new FreedRun(run.group(), last.start(), run.stop()));
      } else {
        joined.add(run);
      }
    }
    return joined;
  }

  private void discard(FreedRun run) {
    FreedRun wide = run;
    try {
      wide = widened(run);
      tell(wide);
    } catch (IOException e) {
      log.warn("{}: discard: {}", volume.device().name(), e.getMessage());
    } finally {
      synchronized (run.group()) {
        run.group().freed().clear(wide.start(), wide.stop());
        run.group().addFreeClusters(wide.clusterCount());
      }
      allocator.released(run.clusterCount());
    }
  }

  /** The run and the free clusters beside it that its outermost units need; they are taken away. */
  private FreedRun widened(FreedRun run) throws IOException {
    if (unitBytes <= clusterBytes) {
      return run;
    }
    BlockGroup group = run.group();
    synchronized (group) {
      ByteBuffer bitmap = groups.blockBitmap(group);
      long base = offset(group, 0);
      long from = Math.floorDiv(base + run.start() * clusterBytes, unitBytes) * unitBytes - base;
      int start = (int) Math.max(0, (from + clusterBytes - 1) / clusterBytes);
      if (!isFree(group, bitmap, start, run.start())) {
        start = run.start();
      }
      long end = ceilDiv(base + run.stop() * clusterBytes, unitBytes) * unitBytes - base;
      int stop = (int) Math.min(groups.clusterCount(group), end / clusterBytes);
      if (!isFree(group, bitmap, run.stop(), stop)) {
        stop = run.stop();
      }
      group.freed().set(start, stop);
      group.addFreeClusters(run.clusterCount() - (stop - start));
      return new FreedRun(group, start, stop);
    }
  }

  private static boolean isFree(BlockGroup group, ByteBuffer bitmap, int from, int to) {
    if (from >= to) {
      return from == to;
    }
    int freed = group.freed().nextSetBit(from);
    return Bitmap.nextSet(bitmap, from, to) == to && (freed < 0 || freed >= to);
  }

  private long offset(BlockGroup group, long index) {
    return geometry.firstBlockNr(group.nr()) * geometry.blockBytes() + index * clusterBytes;
  }

  /** Tells the device, unless the range has no whole unit of it. */
  private long tell(FreedRun run) throws IOException {
    long from = offset(run.group(), run.start());
    long to = Math.min(offset(run.group(), run.stop()), device.size());
    boolean hasUnit = ceilDiv(from, unitBytes) < to / unitBytes || to == device.size();
    if (!hasUnit) {
      return 0;
    }
    device.discard(from, to - from);
    discarded = true;
    return to - from;
  }

  /**
   * Discards all free space of a range.
   *
   * @param offset in bytes of the device
   * @param minimum the shortest run that is told
   * @return how many bytes were told
   */
  long trim(long offset, long length, long minimum) throws IOException {
    long end = length > Long.MAX_VALUE - offset ? Long.MAX_VALUE : offset + length;
    long told = 0;
    for (int nr = 0; nr < groups.count(); nr++) {
      BlockGroup group = groups.group(nr);
      long base = offset(group, 0);
      long from = Math.max(0, ceilDiv(offset - base, clusterBytes));
      long to = Math.min(groups.clusterCount(group), Math.floorDiv(end - base, clusterBytes));
      if (from < to) {
        told += trim(group, (int) from, (int) to, minimum);
      }
    }
    return told;
  }

  private long trim(BlockGroup group, int from, int to, long minimum) throws IOException {
    long told = 0;
    int at = from;
    discarding.lock();
    try {
      while (at < to) {
        FreedRun run = takeFree(group, at, to);
        if (run == null) {
          return told;
        }
        try {
          told += run.clusterCount() * clusterBytes >= minimum ? tell(run) : 0;
        } finally {
          synchronized (group) {
            group.freed().clear(run.start(), run.stop());
            group.addFreeClusters(run.clusterCount());
          }
        }
        at = run.stop();
      }
      return told;
    } finally {
      discarding.unlock();
    }
  }

  /** The next free run of a group, taken away from everybody; null where there is none. */
  private @Nullable FreedRun takeFree(BlockGroup group, int from, int to) throws IOException {
    synchronized (group) {
      ByteBuffer bitmap = groups.blockBitmap(group);
      int start = BlockAllocator.nextFree(group, bitmap, from, to);
      if (start >= to) {
        return null;
      }
      int stop = BlockAllocator.endOfFree(group, bitmap, start, to);
      group.freed().set(start, stop);
      group.addFreeClusters(start - stop);
      return new FreedRun(group, start, stop);
    }
  }

  private static long ceilDiv(long number, long by) {
    return -Math.floorDiv(-number, by);
  }
}
