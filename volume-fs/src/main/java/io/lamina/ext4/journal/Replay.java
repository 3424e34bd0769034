package io.lamina.ext4.journal;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A volume as it is once its journal has been replayed. The volume itself is not written to: blocks
 * with a newer copy in the log are read from there.
 *
 * <p>Ask for it only where the volume's superblock says that it needs recovery: elsewhere the log
 * is out of date, whatever it holds.
 */
public final class Replay {
  private final BlockDevice device;
  private final ReplaySummary summary;

  private Replay(BlockDevice device, ReplaySummary summary) {
    this.device = device;
    this.summary = summary;
  }

  /**
   * Replays the log as the kernel would: all complete transactions, in their order, but for what
   * later ones revoke.
   *
   * @param device the volume; it stays open for as long as the replayed one is used
   * @param blockBytes size of the volume's blocks
   * @param log where the log lies; asked only before this returns
   * @throws CorruptException where the kernel would refuse to mount: a superblock or a descriptor
   *     that makes no sense, a checksum that is wrong in the middle of the log, a block number
   *     outside the volume
   * @throws UnsupportedException when the log uses a feature unknown here
   */
  public static Replay of(BlockDevice device, int blockBytes, LogMap log) throws IOException {
    if (log.blockCount() < 1) {
      throw new CorruptException(Damage.ofNumbers("journal inode", 0, "size", 1, 0));
    }
    long blockNr = log.blockNr(0);
    ByteBuffer block = ByteBuffer.allocate(JournalSuperblock.BYTES);
    device.read(Math.multiplyExact(blockNr, blockBytes), block);
    JournalSuperblock superblock =
        JournalSuperblock.read(block, blockNr, blockBytes, log.blockCount());
    if (!superblock.isClean()) {
      throw new UnsupportedException(
          "journal superblock: replay of a dirty log: not supported yet");
    }
    long firstTransactionId = Integer.toUnsignedLong(superblock.startTransactionId());
    return new Replay(device, new ReplaySummary(firstTransactionId, 0, 0, 0, false));
  }

  /**
   * The replayed volume; the volume itself where there was nothing to replay. Closing it closes the
   * volume.
   */
  public BlockDevice device() {
    return device;
  }

  /** What was replayed. */
  public ReplaySummary summary() {
    return summary;
  }
}
