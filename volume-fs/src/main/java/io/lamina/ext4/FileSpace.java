package io.lamina.ext4;

import io.lamina.block.OutOfSpaceException;
import io.lamina.ext4.format.Extent;
import io.lamina.ext4.format.ExtentNode;
import io.lamina.ext4.format.Geometry;
import io.lamina.ext4.format.InodeFlags;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes and gives back the blocks of one file, for one operation on it. The caller has the file's
 * write lock.
 *
 * <p>With bigalloc a cluster belongs to one file, at one place in it: whichever of its blocks are
 * mapped, they lie in the cluster as in the file.
 */
final class FileSpace {
  private static final int TYPE_MASK = 0xf000;
  private static final int DIRECT = 12;
  private static final int EXTENTS_AT_ONCE = 16;
  private static final long LEAST_KEPT_BYTES = 64 << 10;
  private static final long MOST_KEPT_BYTES = 1 << 20;

  /** Blocks of metadata that any change of a file touches: its inode, the superblock, a group's. */
  private static final int BASE_CREDITS = 6;

  /** What a level of the map may cost: two of its nodes, and a new one's group. */
  private static final int LEVEL_CREDITS = 4;

  private final Files files;
  private final Writing writing;
  private final Volume volume;
  private final Geometry geometry;
  private final WritableInode inode;
  private final boolean hasExtents;
  private final boolean hasMap;
  private final BlockMap map;
  private final int clusterBlocks;

  FileSpace(Files files, WritableInode inode) throws IOException {
    this.files = files;
    this.writing = files.requireWriting();
    this.volume = files.volume();
    this.geometry = volume.geometry();
    this.inode = inode;
    this.hasExtents = (inode.raw().flags() & InodeFlags.EXTENTS) != 0;
    Inode seen = Inode.changed(volume, inode.raw(), inode.site());
    this.hasMap = hasMap(volume, seen);
    this.map = map(volume, seen);
    this.clusterBlocks = geometry.clusterBlocks();
  }

  /** Whether an inode has blocks: a device has none, nor has what lies in the inode itself. */
  static boolean hasMap(Volume volume, Inode seen) {
    boolean isMapped =
        switch (seen.type()) {
          case REGULAR, DIRECTORY -> true;
          case SYMLINK -> !SymlinkTarget.isFast(volume, seen);
          default -> false;
        };
    return isMapped && !seen.has(InodeFlags.INLINE_DATA);
  }

  /** Where the blocks of an inode lie; nowhere for one that has none. */
  static BlockMap map(Volume volume, Inode seen) throws IOException {
    return hasMap(volume, seen) ? BlockMap.of(volume, seen) : fileBlockNr -> Run.hole(BlockMap.END);
  }

  /**
   * Blocks taken for a hole.
   *
   * @param run the blocks
   * @param newBlockCount blocks of the clusters that were free before, from the first one's cluster
   */
  record Taken(Run run, long newBlockCount) {}

  boolean hasExtents() {
    return hasExtents;
  }

  Run at(long fileBlockNr) throws IOException {
    return map.at(fileBlockNr);
  }

  /** Whether any block of a range is mapped. */
  boolean isMapped(long from, long to) throws IOException {
    long at = from;
    while (at < to) {
      Run run = map.at(at);
      if (run.isMapped()) {
        return true;
      }
      at += run.blockCount();
    }
    return false;
  }

  /** Does something that maps at the most one run of blocks anew. */
  <T> T inserting(Writing.Making<T> change) throws IOException {
    return writing.making(BASE_CREDITS + levels() * LEVEL_CREDITS, nodes(), change);
  }

  /** Levels that the map may have after one insertion. */
  private int levels() {
    return hasExtents ? ExtentNode.depth(inode.raw()) + 2 : 3;
  }

  /** Blocks that the map may need for one insertion. */
  private long nodes() {
    boolean isLeaf = hasExtents && ExtentNode.depth(inode.raw()) == 0;
    return isLeaf && ExtentNode.rootRoom(inode.raw()) >= 2 ? 0 : levels() + 1L;
  }

  /** Does something that takes mappings away, by {@link #remove} once. */
  <T> T removing(Writing.Making<T> change) throws IOException {
    return removing(0, change);
  }

  /** As {@link #removing(Change)}; the change may touch some more blocks of metadata. */
  <T> T removing(int moreCredits, Writing.Making<T> change) throws IOException {
    return writing.making(removalCredits() + moreCredits, 0, change);
  }

  /** As {@link #removing}, but of a range in the middle; or mappings are replaced. */
  <T> T punching(Writing.Making<T> change) throws IOException {
    return writing.making(removalCredits() + 2 * (levels() * LEVEL_CREDITS), 2 * nodes(), change);
  }

  private int removalCredits() {
    long groups = 1 + Extent.MAX_INITIALISED / geometry.blocksPerGroup();
    long most = Math.min(groups * EXTENTS_AT_ONCE, geometry.groupCount());
    return (int) (2 * most) + BASE_CREDITS + levels() * LEVEL_CREDITS;
  }

  /** Does something that changes no more than the inode. */
  <T> T touching(Writing.Making<T> change) throws IOException {
    return writing.making(BASE_CREDITS, 0, change);
  }

  /**
   * Promises room for blocks of the file, for as many as there is room for.
   *
   * @throws FsException ENOSPC when there is none for a single one
   */
  BlockReservation reserve(long blockCount) throws IOException {
    long clusters = clustersOf(blockCount);
    boolean hasCommitted = false;
    while (true) {
      try {
        return writing.blocks().reserve(clusters);
      } catch (FsException e) {
        if (!hasCommitted) {
          hasCommitted = true;
          writing.journal().commit(writing.journal().runningId());
        } else if (clusters > 1) {
          clusters /= 2;
        } else {
          throw e;
        }
      }
    }
  }

  /**
   * Promises room for all that is not mapped of a range.
   *
   * @throws FsException ENOSPC when there is not enough
   */
  BlockReservation reserveHoles(long from, long to) throws IOException {
    long clusters = 0;
    for (long at = from; at < to; ) {
      Run run = map.at(at);
      long count = Math.min(run.blockCount(), to - at);
      if (!run.isMapped()) {
        clusters += clustersOf(count);
      }
      at += count;
    }
    try {
      return writing.blocks().reserve(clusters);
    } catch (FsException e) {
      writing.journal().commit(writing.journal().runningId());
      return writing.blocks().reserve(clusters);
    }
  }

  /** Clusters that so many blocks may touch. */
  private long clustersOf(long blockCount) {
    return (blockCount + clusterBlocks - 1) / clusterBlocks + (clusterBlocks > 1 ? 1 : 0);
  }

  /** How many blocks from one on may be mapped in one handle. */
  long mappedAtOnce(long fileBlockNr, long blockCount, boolean written) {
    if (hasExtents) {
      return Math.min(blockCount, Extent.maxBlocks(written));
    }
    long perBlock = geometry.blockBytes() / Integer.BYTES;
    long room =
        fileBlockNr < DIRECT ? DIRECT - fileBlockNr : perBlock - (fileBlockNr - DIRECT) % perBlock;
    return Math.min(blockCount, room);
  }

  /**
   * Takes blocks for a part of a hole; they are not mapped yet.
   *
   * @param blockCount how many at the most
   */
  Taken take(Handle handle, long fileBlockNr, long blockCount, BlockReservation reservation)
      throws IOException {
    int inCluster = (int) (fileBlockNr % clusterBlocks);
    if (clusterBlocks > 1) {
      Taken shared = takeOfOwnCluster(fileBlockNr, inCluster, blockCount);
      if (shared != null) {
        return shared;
      }
    }
    long wanted = inCluster + blockCount;
    long last = (fileBlockNr + blockCount) / clusterBlocks * clusterBlocks;
    if (clusterBlocks > 1 && last > fileBlockNr && isMapped(last, last + clusterBlocks)) {
      wanted = last - fileBlockNr + inCluster; // the rest has a cluster already
    }
    Run run = allocate(handle, fileBlockNr, inCluster, wanted, reservation);
    SectorCount.add(volume, inode.raw(), run.blockCount());
    long usable = Math.min(run.blockCount(), wanted) - inCluster;
    return new Taken(new Run(run.blockNr() + inCluster, usable), run.blockCount());
  }

  /** What a file that had content already is continued with has more of its kind behind it. */
  private Run allocate(
      Handle handle, long fileBlockNr, int inCluster, long wanted, BlockReservation reservation)
      throws IOException {
    long bytes = inode.raw().size();
    boolean grows = fileBlockNr > 0 && fileBlockNr * geometry.blockBytes() >= bytes;
    if (grows) {
      inode.setGrowth(null);
    }
    Run run = writing.blocks().allocate(handle, goal(fileBlockNr) - inCluster, wanted, reservation);
    if (grows) {
      long kept = Math.max(LEAST_KEPT_BYTES, Math.min(MOST_KEPT_BYTES, bytes));
      inode.setGrowth(writing.blocks().keepBehind(run, kept / geometry.blockBytes()));
    }
    return run;
  }

  private @Nullable Taken takeOfOwnCluster(long fileBlockNr, int inCluster, long blockCount)
      throws IOException {
    long first = fileBlockNr - inCluster;
    long at = first;
    while (at < first + clusterBlocks) {
      Run run = map.at(at);
      if (run.isMapped()) {
        long blockNr = run.blockNr() - (at - first) + inCluster;
        long count = Math.min(blockCount, clusterBlocks - inCluster);
        return new Taken(new Run(blockNr, count), 0);
      }
      at += run.blockCount();
    }
    return null;
  }

  /** Gives back what was taken and has not been mapped. */
  void giveBack(Handle handle, long fileBlockNr, Taken taken) throws IOException {
    if (taken.newBlockCount() > 0) {
      long first = taken.run().blockNr() - fileBlockNr % clusterBlocks;
      writing.blocks().free(handle, first, taken.newBlockCount(), false);
      SectorCount.add(volume, inode.raw(), -taken.newBlockCount());
    }
  }

  /** Where a block should best lie: behind the one before it, else in the inode's own group. */
  private long goal(long fileBlockNr) throws IOException {
    if (fileBlockNr > 0) {
      Run before = map.at(fileBlockNr - 1);
      if (before.isMapped()) {
        return before.blockNr() + 1;
      }
    }
    return geometry.firstBlockNr((inode.inodeNr() - 1) / geometry.inodesPerGroup());
  }

  /** Maps blocks that were taken. */
  void map(Handle handle, long fileBlockNr, Run run, boolean written) throws IOException {
    editor(handle, run.blockNr())
        .insert(new Extent(fileBlockNr, run.blockNr(), (int) run.blockCount(), written));
  }

  /** Makes blocks written to that are mapped in one run that is not. */
  void setWritten(Handle handle, long fileBlockNr, Run run) throws IOException {
    MapEditor editor = editor(handle, run.blockNr());
    long end = fileBlockNr + run.blockCount();
    for (long at = fileBlockNr; at < end; ) {
      at = editor.setInitialised(at, end);
    }
  }

  /** The same blocks, for a range that was written to: it reads as zeroes then. */
  long setUnwritten(Handle handle, long from, long to) throws IOException {
    MapEditor editor = editor(handle, 0);
    List<Extent> removed = editor.remove(from, to, 1);
    if (removed.isEmpty()) {
      return from;
    }
    Extent extent = removed.get(0);
    long at = extent.fileBlockNr();
    while (at < extent.end()) {
      long end = Math.min(extent.end(), at + Extent.MAX_UNINITIALISED);
      Extent part = extent.part(at, end);
      editor.insert(new Extent(at, part.blockNr(), part.blockCount(), false));
      at = end;
    }
    return extent.fileBlockNr();
  }

  /**
   * Takes a part of a range's mappings away, the last ones first, and frees their blocks.
   *
   * @return whether anything was mapped
   */
  boolean remove(Handle handle, long from, long to) throws IOException {
    if (!hasMap) {
      return false;
    }
    List<Extent> removed = editor(handle, 0).remove(from, to, EXTENTS_AT_ONCE);
    long freedFrom = Long.MAX_VALUE;
    for (Extent extent : removed) {
      freedFrom = free(handle, extent, freedFrom);
    }
    return !removed.isEmpty();
  }

  /** Frees the clusters of an extent that nothing else of the file lies in. */
  private long free(Handle handle, Extent extent, long freedFrom) throws IOException {
    long from = extent.fileBlockNr() / clusterBlocks * clusterBlocks;
    long to = (extent.end() + clusterBlocks - 1) / clusterBlocks * clusterBlocks;
    to = Math.min(to, freedFrom);
    if (to > extent.end() && isMapped(to - clusterBlocks, to)) {
      to -= clusterBlocks;
    }
    if (from < extent.fileBlockNr() && from < to && isMapped(from, from + clusterBlocks)) {
      from += clusterBlocks;
    }
    if (from >= to) {
      return freedFrom;
    }
    long blockNr = extent.blockNr() + from - extent.fileBlockNr();
    long blockCount = Math.min(to - from, geometry.blockCount() - blockNr);
    writing.blocks().free(handle, blockNr, blockCount, isMetadata());
    SectorCount.add(volume, inode.raw(), from - to);
    return from;
  }

  private boolean isMetadata() {
    int flags = inode.raw().flags();
    boolean isRegular = (inode.raw().mode() & TYPE_MASK) == FileType.REGULAR.modeBits();
    return !isRegular || (flags & InodeFlags.EA_INODE) != 0;
  }

  private MapEditor editor(Handle handle, long goalBlockNr) throws IOException {
    return new MapEditor(files, handle, inode, goalBlockNr);
  }

  /** What went wrong with file data, as POSIX has it: no metadata is concerned. */
  static FsException asPosix(IOException e) {
    Errno errno = e instanceof OutOfSpaceException ? Errno.ENOSPC : Errno.EIO;
    return new FsException(errno, String.valueOf(e.getMessage()));
  }
}
