package io.lamina.ext4;

import io.lamina.block.OutOfSpaceException;
import io.lamina.block.WritableDevice;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.journal.FastCommitTag;
import io.lamina.ext4.journal.LogAppender;
import io.lamina.fs.AccessTimes;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.TreeSpace;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What changes the files of a volume. */
final class Writing {
  private final Volume volume;
  private final boolean accessTimes;
  private final SuperblockWriter superblock;
  private final LiveInodes live;
  private final BlockAllocator blocks;
  private final InodeAllocator inodes;
  private final @Nullable OrphanFile orphanFile;
  private final Orphans orphans;
  private final Journal journal;

  private Writing(Files files, WriteOptions options, boolean keepsFastCommits) throws IOException {
    this.volume = files.volume();
    this.accessTimes = options.accessTimes();
    this.superblock = new SuperblockWriter(volume);
    this.live = new LiveInodes(volume, files.inodes());
    BlockGroups groups = new BlockGroups(volume, files.groups());
    this.blocks = new BlockAllocator(volume, groups, options.discard());
    this.inodes = new InodeAllocator(volume, groups, live);
    this.orphanFile = volume.superblock().has(Feature.ORPHAN_FILE) ? OrphanFile.open(files) : null;
    this.orphans = new Orphans(superblock, orphanFile);
    superblock.open();
    this.journal = journal(files, keepsFastCommits);
    live.setRunning(journal::runningId);
  }

  /** Begins to change a volume: with the first change it is marked so on disk. */
  static Files begin(WritableDevice device, WriteOptions options) throws IOException {
    return begin(device, options, List.of());
  }

  /**
   * Begins to change a volume: with the first change it is marked so on disk.
   *
   * @param fastCommits what its journal tells beyond its transactions, which are in place
   * @throws UnsupportedException when those cannot be written: then nothing is changed
   */
  static Files begin(WritableDevice device, WriteOptions options, List<FastCommitTag> fastCommits)
      throws IOException {
    Volume volume = Volume.openWritable(device);
    Files files = Files.of(volume);
    Writing writing = new Writing(files, options, !fastCommits.isEmpty());
    Files writable = files.with(writing);
    writing.live.setDeletion(
        new FileDeletion(writable, writing, writable.requireChanges().xattrs()));
    OrphanCleanup cleanup = new OrphanCleanup(writable, writing, writing.superblock);
    List<WritableInode> orphans = cleanup.find(writing.orphanFile);
    if (!fastCommits.isEmpty()) {
      FastCommitWriter.write(writable, fastCommits);
    }
    cleanup.finish(orphans);
    return writable;
  }

  private Journal journal(Files files, boolean keepsFastCommits) throws IOException {
    if (!volume.superblock().has(Feature.HAS_JOURNAL)) {
      return new Journal(volume, new DirectTarget(volume, superblock), blocks, superblock, 1);
    }
    LogAppender log =
        LogAppender.open(
            volume.writable(),
            volume.geometry().blockBytes(),
            JournalFile.of(files),
            keepsFastCommits,
            volume.superblock().has(Feature.BIT64),
            volume.superblock().has(Feature.METADATA_CSUM));
    return new Journal(
        volume,
        new LogTarget(volume, log, superblock),
        blocks,
        superblock,
        log.nextTransactionId());
  }

  /** Whether reading sets access times, in this thread. */
  boolean keepsAccessTimes() {
    return accessTimes && !journal.isAborted() && !AccessTimes.areLeft();
  }

  Journal journal() {
    return journal;
  }

  BlockAllocator blocks() {
    return blocks;
  }

  InodeAllocator inodes() {
    return inodes;
  }

  LiveInodes live() {
    return live;
  }

  Orphans orphans() {
    return orphans;
  }

  /** Something done within a handle. */
  @FunctionalInterface
  interface Change {
    void in(Handle handle) throws IOException;
  }

  /** Something made within a handle. */
  @FunctionalInterface
  interface Making<T> {
    T in(Handle handle) throws IOException;
  }

  /**
   * Makes one change. An error in the middle of it leaves it half done: it must not reach the disk.
   *
   * @param credits how many blocks of metadata it may change at the most, new ones included
   * @param newBlockCount how many blocks it may allocate from the handle's own reservation
   * @throws FsException ENOSPC when there are not as many: nothing has been changed then
   */
  void within(int credits, long newBlockCount, Change change) throws IOException {
    making(
        credits,
        newBlockCount,
        handle -> {
          change.in(handle);
          return handle;
        });
  }

  /** As {@link #within}, for a change that makes something. */
  <T> T making(int credits, long newBlockCount, Making<T> change) throws IOException {
    try (Handle handle = start(credits, newBlockCount)) {
      try {
        return change.in(handle);
      } catch (FsException e) {
        throw e;
      } catch (IOException e) {
        journal.abort(e);
        throw e;
      } catch (RuntimeException e) {
        journal.abort(new IOException(e.toString(), e));
        throw e;
      }
    }
  }

  private Handle start(int credits, long newBlockCount) throws IOException {
    try {
      return journal.start(credits, newBlockCount);
    } catch (FsException e) {
      if (e.errno() != Errno.ENOSPC) {
        throw e;
      }
      journal.commit(journal.runningId()); // freed blocks become free by it
      return journal.start(credits, newBlockCount);
    }
  }

  /**
   * Metadata could not be read, or makes no sense: that stops all writing, as with the kernel's
   * {@code errors=remount-ro}. What POSIX has a name for is no such error, nor is want of room.
   */
  void failed(IOException e) {
    boolean isExpected =
        e instanceof FsException
            || e instanceof UnsupportedException
            || e instanceof OutOfSpaceException;
    if (!isExpected) {
      journal.abort(e);
    }
  }

  /** Announces a feature that is about to be used, if it is not announced yet. */
  void announce(Handle handle, Feature feature) throws IOException {
    if (!volume.superblock().has(feature)) {
      superblock.edit(handle, editor -> editor.set(feature, true));
    }
  }

  /** Makes everything durable; what was freed is back with the device then. */
  void sync() throws IOException {
    journal.sync();
    if (blocks.finishDiscards()) {
      volume.writable().flush();
    }
  }

  /**
   * What statfs tells now.
   *
   * @param counted what it told when the volume was opened
   */
  TreeSpace space(TreeSpace counted) {
    long room = volume.writable().roomBytes() / counted.blockBytes();
    long own = blocks.freeBlockCount() - blocks.reservedBlockCount();
    long free = Math.min(room, own);
    long kept = counted.freeBlockCount() - counted.availableBlockCount(); // of its own, not below
    long available = Math.min(Math.max(0, own - kept), blocks.roomBytes() / counted.blockBytes());
    return new TreeSpace(
        counted.blockBytes(),
        counted.blockCount(),
        free,
        available,
        counted.fileCount(),
        inodes.freeCount(),
        counted.nameMaxBytes());
  }

  /**
   * Makes everything durable, and marks the volume as cleanly unmounted; one that was not changed
   * is as it was.
   *
   * @throws IOException when an error stopped all writing before
   */
  void close() throws IOException {
    journal.close();
    superblock.markClean(blocks.freeBlockCount(), inodes.freeCount(), !orphans.isEmpty());
  }
}
