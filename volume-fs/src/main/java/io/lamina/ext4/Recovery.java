package io.lamina.ext4;

import io.lamina.block.WritableDevice;
import io.lamina.ext4.format.Feature;
import io.lamina.ext4.format.Superblock;
import io.lamina.ext4.format.SuperblockEditor;
import io.lamina.ext4.journal.FastCommitTag;
import io.lamina.ext4.journal.Replay;
import io.lamina.ext4.journal.ReplaySummary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings a volume that was not cleanly unmounted into the state that its journal tells, on disk.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/jbd2/recovery.c">
 *     fs/jbd2/recovery.c</a>
 */
final class Recovery {
  private final Volume volume;
  private final WritableDevice device;
  private final Replay replay;

  private Recovery(Volume volume, WritableDevice device, Replay replay) {
    this.volume = volume;
    this.device = device;
    this.replay = replay;
  }

  /** Looks at a volume's journal; null where nothing needs to be recovered. */
  static @Nullable Recovery of(Volume volume, WritableDevice device) throws IOException {
    Superblock superblock = volume.superblock();
    if (!superblock.has(Feature.HAS_JOURNAL) || !superblock.has(Feature.NEEDS_RECOVERY)) {
      return null;
    }
    try {
      int blockBytes = volume.geometry().blockBytes();
      Replay replay = Replay.of(device, blockBytes, JournalFile.of(Files.of(volume)));
      return new Recovery(volume, device, replay);
    } finally {
      volume.caches().forget(volume); // what it read may be old
    }
  }

  /** Whether changes are to be recovered that are told file by file, not block by block. */
  boolean hasFastCommits() {
    return !replay.fastCommits().isEmpty();
  }

  /** Those changes, in their order. */
  List<FastCommitTag> fastCommits() {
    return replay.fastCommits();
  }

  /**
   * Recovers it, but for what fast commits tell: they stay in the log, still to be replayed. What
   * was known about errors stays known, whatever the log says.
   */
  ReplaySummary recover() throws IOException {
    ByteBuffer before = readSuperblock();
    replay.writeInPlace(device);
    ByteBuffer after = readSuperblock();
    SuperblockEditor editor = new SuperblockEditor(after, 0);
    editor.keepErrors(before, replay.hasError());
    editor.seal();
    device.write(Superblock.OFFSET, after.clear());
    device.flush();
    if (hasFastCommits()) {
      replay.clearTransactions(device);
    } else {
      replay.clearLog(device);
    }
    return replay.summary();
  }

  private ByteBuffer readSuperblock() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Superblock.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    device.read(Superblock.OFFSET, bytes);
    return bytes;
  }

  @Override
  public String toString() {
    return volume.device().name() + ": " + replay.summary();
  }
}
