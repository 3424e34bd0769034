package io.lamina.ext4;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.journal.FastCommitTag;
import io.lamina.ext4.journal.Replay;
import io.lamina.ext4.journal.ReplaySummary;
import io.lamina.fs.FileTree;
import io.lamina.fs.FileType;
import io.lamina.fs.Node;
import io.lamina.fs.TreeSpace;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of an ext2, ext3 or ext4 volume. One that is opened for reading is never written to: if
 * it was not cleanly unmounted, it is shown as it is after its journal has been replayed.
 *
 * <p>Safe for use by many threads.
 */
public final class Ext4 implements FileTree {
  private static final Logger log = LoggerFactory.getLogger(Ext4.class);

  private final BlockDevice device;
  private final Files files;
  private final @Nullable ReplaySummary replayed;
  private final @Nullable String readOnlyReason;
  private volatile @Nullable TreeSpace space;

  private Ext4(
      BlockDevice device,
      Files files,
      @Nullable ReplaySummary replayed,
      @Nullable String readOnlyReason) {
    this.device = device;
    this.files = files;
    this.replayed = replayed;
    this.readOnlyReason = readOnlyReason;
  }

  /**
   * Opens a volume.
   *
   * @param device what holds it; closed with the tree, and only then
   * @throws CorruptException when its superblock, its journal or its root directory is damaged, or
   *     the device is shorter than the file system
   * @throws UnsupportedException when it has a feature that cannot be read: named, with its bit
   */
  public static Ext4 open(BlockDevice device) throws IOException {
    return open(device, null);
  }

  /**
   * Opens a volume for writing. One that cannot be written without harm is opened for reading:
   * {@link #readOnlyReason} tells why.
   *
   * @param device what holds it; closed with the tree, and only then
   * @throws CorruptException as {@link #open(BlockDevice)}
   * @throws UnsupportedException as {@link #open(BlockDevice)}
   */
  public static Ext4 openWritable(WritableDevice device, WriteOptions options) throws IOException {
    Volume volume = Volume.open(device);
    String reason = WriteGate.reason(volume.superblock());
    Recovery recovery = reason == null ? Recovery.of(volume, device) : null;
    if (reason != null) {
      return openInstead(device, reason);
    }
    ReplaySummary replayed = recovery == null ? null : recovery.recover();
    List<FastCommitTag> fastCommits = recovery == null ? List.of() : recovery.fastCommits();
    Files files;
    try {
      files = Writing.begin(device, options, fastCommits);
    } catch (UnsupportedException e) {
      if (fastCommits.isEmpty()) {
        throw e;
      }
      return openInstead(device, "its journal holds " + e.getMessage());
    }
    Ext4 opened = new Ext4(device, files, replayed, null);
    opened.requireRoot();
    return opened;
  }

  private static Ext4 openInstead(WritableDevice device, String reason) throws IOException {
    log.warn("{}: opened for reading only: {}", device.name(), reason);
    return open(device, reason);
  }

  private static Ext4 open(BlockDevice device, @Nullable String readOnlyReason) throws IOException {
    Volume volume = Volume.open(device);
    ReplaySummary replayed = null;
    if (volume.superblock().has(Feature.HAS_JOURNAL)
        && volume.superblock().has(Feature.NEEDS_RECOVERY)) {
      Replay replay = replay(volume);
      replayed = replay.summary();
      volume = Volume.open(replay.device());
      if (!replay.fastCommits().isEmpty()) {
        volume = withFastCommits(volume, replay.fastCommits());
      }
    }
    Ext4 opened = new Ext4(device, Files.of(volume), replayed, readOnlyReason);
    opened.requireRoot();
    if (replayed != null) {
      log.debug("{}: {}", device.name(), replayed);
    }
    return opened;
  }

  private static Replay replay(Volume volume) throws IOException {
    try {
      return Replay.of(
          volume.device(), volume.geometry().blockBytes(), JournalFile.of(Files.of(volume)));
    } finally {
      volume.caches().forget(volume); // what it read may be old
    }
  }

  private static Volume withFastCommits(Volume volume, List<FastCommitTag> tags)
      throws IOException {
    try {
      return volume.with(FastCommitReplay.changes(Files.of(volume), tags));
    } finally {
      volume.caches().forget(volume); // what it read may be old
    }
  }

  private void requireRoot() throws IOException {
    Inode root = files.inodes().inode(InodeTable.ROOT);
    if (root.type() != FileType.DIRECTORY) {
      throw root.site().damage("i_mode of the root", "a directory", root.type().toString());
    }
  }

  Files files() {
    return files;
  }

  @Override
  public Node root() throws IOException {
    return Ext4Node.of(files, files.inodes().inode(InodeTable.ROOT));
  }

  @Override
  public TreeSpace space() throws IOException {
    TreeSpace known = space;
    if (known == null) {
      known = new Space(files).count();
      space = known;
    }
    Writing writing = files.writing();
    return writing == null ? known : writing.space(known);
  }

  @Override
  public boolean isWritable() {
    Writing writing = files.writing();
    return writing != null && !writing.journal().isAborted();
  }

  /** Why it was opened for reading though asked to be written; null where it was not. */
  public @Nullable String readOnlyReason() {
    return readOnlyReason;
  }

  @Override
  public void sync() throws IOException {
    Writing writing = files.writing();
    if (writing != null) {
      writing.sync();
    }
  }

  /**
   * Returns when everything changed so far lies in its place on the device, as it does after {@link
   * #close}: for who compares devices.
   */
  public void settle() throws IOException {
    Writing writing = files.writing();
    if (writing != null) {
      writing.journal().settle();
    }
  }

  @Override
  public long trim(long offset, long length, long minimum) throws IOException {
    Writing writing = files.requireWriting();
    writing.sync(); // what is freed but not committed is not free
    long told = writing.blocks().trim(offset, length, minimum);
    writing.journal().sync();
    return told;
  }

  /** What a replay of the journal found; null where none was needed. */
  public @Nullable ReplaySummary replayed() {
    return replayed;
  }

  @Override
  public void close() throws IOException {
    Writing writing = files.writing();
    try (device) {
      if (writing != null) {
        writing.close();
      }
    } finally {
      files.volume().caches().forget(files.volume());
    }
  }
}
