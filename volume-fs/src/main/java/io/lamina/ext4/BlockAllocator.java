package io.lamina.ext4;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.ext4.format.Bitmap;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.GroupDescriptor;
import io.lamina.ext4.format.Site;
import io.lamina.ext4.format.Superblock;
import io.lamina.fs.Caller;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands out clusters, in blocks: of a volume without bigalloc they are the same. Safe for use by
 * many threads.
 *
 * <p>A freed cluster is handed out again only once the transaction that freed it is durable: until
 * then a power cut may give it back to the file that had it.
 */
final class BlockAllocator {
  private final Volume volume;
  private final Geometry geometry;
  private final BlockGroups groups;
  private final int clusterBlocks;

  @GuardedBy("this")
  private long free;

  @GuardedBy("this")
  private long reserved;

  /** Freed, and not to be handed out yet. */
  @GuardedBy("this")
  private long freed;

  private final Room room;
  private final @Nullable Discards discards;

  BlockAllocator(Volume volume, BlockGroups groups, boolean discard) {
    this.room = new Room(volume.writable());
    this.discards = discard ? new Discards(volume, groups, this) : null;
    this.volume = volume;
    this.geometry = volume.geometry();
    this.groups = groups;
    this.clusterBlocks = geometry.clusterBlocks();
    long sum = 0;
    for (int nr = 0; nr < groups.count(); nr++) {
      sum += groups.group(nr).freeClusterCount();
    }
    this.free = sum;
  }

  /** Free blocks, those included that are freed but not handed out yet. */
  synchronized long freeBlockCount() {
    return (free + freed) * clusterBlocks;
  }

  /** Free blocks that are promised to somebody. */
  synchronized long reservedBlockCount() {
    return reserved * clusterBlocks;
  }

  /** How much new content the device has room for, in bytes. */
  long roomBytes() {
    return room.availableBytes();
  }

  /**
   * Promises blocks, each with a cluster of its own at worst. What is promised the device has room
   * for, as far as it knows.
   *
   * @throws FsException ENOSPC when there are not as many
   */
  BlockReservation reserve(long blockCount) throws IOException {
    if (blockCount > 0 && !room.has(blockCount * clusterBlocks * geometry.blockBytes())) {
      throw new FsException(Errno.ENOSPC, volume.device().name() + ": the pool below");
    }
    if (!tryReserve(blockCount)) {
      finishDiscards();
      if (!tryReserve(blockCount)) {
        throw new FsException(Errno.ENOSPC, volume.device().name());
      }
    }
    return new BlockReservation(this, blockCount);
  }

  private synchronized boolean tryReserve(long clusterCount) {
    boolean fits = clusterCount == 0 || clusterCount <= free - reserved - clustersForOthers();
    if (fits) {
      reserved += clusterCount;
    }
    return fits;
  }

  /** What the volume keeps, and not for the caller. */
  private long clustersForOthers() {
    Owner caller = Caller.current();
    Superblock superblock = volume.superblock();
    return caller == null || superblock.isKeptFor(caller)
        ? 0
        : superblock.reservedBlockCount() / clusterBlocks;
  }

  synchronized void unreserve(long clusterCount) {
    reserved -= clusterCount;
  }

  /**
   * Takes a run of blocks that lie together, as near behind a goal as there is room.
   *
   * @param goalBlockNr where it is best to lie, 0 for anywhere
   * @param wantedBlockCount how many at the most
   * @param reservation what they are taken from: it must not be empty
   * @return at least one whole cluster
   */
  Run allocate(Handle handle, long goalBlockNr, long wantedBlockCount, BlockReservation reservation)
      throws IOException {
    long wanted = (wantedBlockCount + clusterBlocks - 1) / clusterBlocks;
    long granted = reservation.take(wanted);
    if (granted == 0) {
      throw new IllegalStateException("blocks are allocated that were not reserved");
    }
    long taken = 0;
    try {
      Run run = search(handle, goalBlockNr, granted);
      taken = run.blockCount() / clusterBlocks;
      return run;
    } finally {
      synchronized (this) {
        free -= taken;
        reserved -= taken; // the rest goes back into the reservation
      }
      reservation.put(granted - taken);
    }
  }

  /** One block for metadata, from the handle's own reservation. */
  long allocateOne(Handle handle, long goalBlockNr) throws IOException {
    return allocate(handle, goalBlockNr, 1, handle.reservation()).blockNr();
  }

  private Run search(Handle handle, long goalBlockNr, long wanted) throws IOException {
    Run found = searchOnce(handle, goalBlockNr, wanted, true);
    if (found == null) {
      found = searchOnce(handle, goalBlockNr, wanted, false);
    }
    if (found == null && discards != null) {
      discards.discardWaiting(); // what is promised may be in the middle of a discard
      found = searchOnce(handle, goalBlockNr, wanted, false);
    }
    if (found == null) {
      throw new IOException(volume.device().name() + ": its free blocks are not where it says");
    }
    return found;
  }

  private @Nullable Run searchOnce(Handle handle, long goalBlockNr, long wanted, boolean sparesKept)
      throws IOException {
    long goal = geometry.holds(goalBlockNr, 1) ? goalBlockNr : geometry.firstDataBlockNr();
    BlockGroup first = groups.ofBlock(goal);
    int goalBit = (int) ((goal - geometry.firstBlockNr(first.nr())) / clusterBlocks);
    for (int i = 0; i <= groups.count(); i++) {
      BlockGroup group = groups.group((int) ((first.nr() + i) % groups.count()));
      synchronized (group) {
        if (group.freeClusterCount() == 0) {
          continue;
        }
        int start = find(group, i == 0 ? goalBit : 0, wanted, sparesKept);
        if (start >= 0) {
          return take(handle, group, start, wanted);
        }
      }
    }
    return null;
  }

  private int find(BlockGroup group, int from, long wanted, boolean sparesKept) throws IOException {
    ByteBuffer bitmap = groups.blockBitmap(group);
    int end = groups.clusterCount(group);
    int best = -1;
    int bestLength = 0;
    int at = nextFree(group, bitmap, from, end);
    while (at < end) {
      int stop = endOfFree(group, bitmap, at, end);
      if (sparesKept && group.kept().get(at)) {
        at = nextFree(group, bitmap, Math.min(stop, group.kept().nextClearBit(at)), end);
        continue;
      }
      stop = sparesKept ? endBeforeKept(group, at, stop) : stop;
      if (at == from || stop - at >= wanted) {
        return at;
      }
      if (stop - at > bestLength) {
        best = at;
        bestLength = stop - at;
      }
      at = nextFree(group, bitmap, stop, end);
    }
    return best;
  }

  private static int endBeforeKept(BlockGroup group, int from, int stop) {
    int kept = group.kept().nextSetBit(from);
    return kept < 0 ? stop : Math.min(stop, kept);
  }

  /**
   * Keeps free clusters behind a run for the file that it belongs to.
   *
   * @param blockCount how many blocks at the most
   * @return null where there are none
   */
  @Nullable GrowthRun keepBehind(Run run, long blockCount) throws IOException {
    long next = run.blockNr() + run.blockCount();
    if (!geometry.holds(next, 1)) {
      return null;
    }
    BlockGroup group = groups.ofBlock(next);
    int start = (int) ((next - geometry.firstBlockNr(group.nr())) / clusterBlocks);
    int end = (int) Math.min(groups.clusterCount(group), start + blockCount / clusterBlocks);
    synchronized (group) {
      ByteBuffer bitmap = groups.blockBitmap(group);
      boolean isFree = nextFree(group, bitmap, start, end) == start && !group.kept().get(start);
      if (start >= end || !isFree) {
        return null;
      }
      int stop = endBeforeKept(group, start, endOfFree(group, bitmap, start, end));
      group.kept().set(start, stop);
      return new GrowthRun(group, start, stop);
    }
  }

  static int nextFree(BlockGroup group, ByteBuffer bitmap, int from, int end) {
    int known = group.firstClear();
    int at = Bitmap.nextClear(bitmap, Math.max(from, known), end);
    if (from <= known && known <= at) {
      group.setFirstClear(at);
    }
    while (at < end && group.freed().get(at)) {
      at = Bitmap.nextClear(bitmap, group.freed().nextClearBit(at), end);
    }
    return Math.min(at, end);
  }

  static int endOfFree(BlockGroup group, ByteBuffer bitmap, int from, int end) {
    int stop = Bitmap.nextSet(bitmap, from, end);
    int freed = group.freed().nextSetBit(from);
    return freed < 0 ? stop : Math.min(stop, freed);
  }

  private Run take(Handle handle, BlockGroup group, int start, long wanted) throws IOException {
    ByteBuffer bitmap = groups.modifyBlockBitmap(handle, group);
    int end = groups.clusterCount(group);
    int stop = endOfFree(group, bitmap, start, (int) Math.min(end, start + wanted));
    if (!group.kept().get(start)) {
      stop = endBeforeKept(group, start, stop);
    }
    Bitmap.set(bitmap, start, stop);
    GroupDescriptor descriptor = groups.modify(handle, group);
    descriptor.setFreeClusterCount(descriptor.freeClusterCount() - (stop - start));
    groups.sealBlockBitmap(descriptor, bitmap);
    group.addFreeClusters(start - stop);
    long blockNr = geometry.firstBlockNr(group.nr()) + (long) start * clusterBlocks;
    return new Run(blockNr, (long) (stop - start) * clusterBlocks);
  }

  /**
   * Gives back blocks, with bigalloc whole clusters: each that the range touches. They are handed
   * out again, and discarded, once the handle's transaction is durable.
   *
   * @param isMetadata whether they were changed through handles: then they are forgotten too
   */
  void free(Handle handle, long blockNr, long blockCount, boolean isMetadata) throws IOException {
    if (!geometry.holds(blockNr, blockCount)) {
      throw new Site("ext4 blocks to be freed", -1, blockNr)
          .damage("number", "below " + geometry.blockCount(), blockNr + blockCount - 1);
    }
    for (long nr = blockNr; isMetadata && nr < blockNr + blockCount; nr++) {
      handle.forget(nr);
    }
    long end = blockNr + blockCount;
    for (long at = blockNr; at < end; at = endInGroup(at, end)) {
      freeInGroup(handle, groups.ofBlock(at), at, endInGroup(at, end));
    }
  }

  /** The end of a range, or of the group that its start lies in. */
  private long endInGroup(long from, long end) {
    long groupNr = groups.ofBlock(from).nr();
    return Math.min(end, geometry.firstBlockNr(groupNr) + geometry.blocksPerGroup());
  }

  /**
   * Takes blocks that are in use already, though their groups may not know.
   *
   * @param blockCount whole clusters
   */
  void markUsed(Handle handle, long blockNr, long blockCount) throws IOException {
    long end = blockNr + blockCount;
    for (long at = blockNr; at < end; at = endInGroup(at, end)) {
      markUsedInGroup(handle, groups.ofBlock(at), at, endInGroup(at, end));
    }
  }

  private void markUsedInGroup(Handle handle, BlockGroup group, long from, long to)
      throws IOException {
    long first = geometry.firstBlockNr(group.nr());
    int start = (int) ((from - first) / clusterBlocks);
    int stop = (int) ((to - 1 - first) / clusterBlocks) + 1;
    synchronized (group) {
      ByteBuffer bitmap = groups.modifyBlockBitmap(handle, group);
      int count = stop - start - Bitmap.count(bitmap, start, stop);
      Bitmap.set(bitmap, start, stop);
      GroupDescriptor descriptor = groups.modify(handle, group);
      descriptor.setFreeClusterCount(descriptor.freeClusterCount() - count);
      groups.sealBlockBitmap(descriptor, bitmap);
      group.addFreeClusters(-count);
      synchronized (this) {
        free -= count;
      }
    }
  }

  private void freeInGroup(Handle handle, BlockGroup group, long from, long to) throws IOException {
    long first = geometry.firstBlockNr(group.nr());
    int start = (int) ((from - first) / clusterBlocks);
    int stop = (int) ((to - 1 - first) / clusterBlocks) + 1;
    synchronized (group) {
      ByteBuffer bitmap = groups.modifyBlockBitmap(handle, group);
      int clear = Bitmap.nextClear(bitmap, start, stop);
      if (clear < stop) {
        throw new Site(
                "ext4 block bitmap of group",
                group.nr(),
                groups.descriptor(group).blockBitmapBlockNr())
            .damage("bit of block " + (first + (long) clear * clusterBlocks), 1, 0);
      }
      Bitmap.clear(bitmap, start, stop);
      group.setFirstClear(Math.min(group.firstClear(), start));
      GroupDescriptor descriptor = groups.modify(handle, group);
      descriptor.setFreeClusterCount(descriptor.freeClusterCount() + stop - start);
      groups.sealBlockBitmap(descriptor, bitmap);
      group.freed().set(start, stop);
    }
    synchronized (this) {
      freed += stop - start;
    }
    handle.freed(new FreedRun(group, start, stop));
  }

  /** The transaction that freed clusters is durable. */
  void committed(List<FreedRun> runs) {
    if (discards != null) {
      discards.add(runs);
    } else {
      runs.forEach(this::release);
    }
  }

  private void release(FreedRun run) {
    synchronized (run.group()) {
      run.group().freed().clear(run.start(), run.stop());
      run.group().addFreeClusters(run.clusterCount());
    }
    released(run.clusterCount());
  }

  /** Clusters that were freed may be handed out again: their group knows. */
  synchronized void released(long clusterCount) {
    freed -= clusterCount;
    free += clusterCount;
  }

  /**
   * Returns when everything whose freeing is durable has been discarded.
   *
   * @return whether anything was, since this was asked last
   */
  boolean finishDiscards() {
    return discards != null && discards.finish();
  }

  /**
   * Discards all free space of a range of the device.
   *
   * @return how many bytes were told
   */
  long trim(long offset, long length, long minimum) throws IOException {
    Discards told = discards == null ? new Discards(volume, groups, this) : discards;
    return told.trim(offset, length, minimum);
  }
}
