package io.lamina.ext4.journal;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * A volume as it is once its journal has been replayed. The volume itself is not written to: blocks
 * with a newer copy in the log are read from there.
 *
 * <p>Ask for it only where the volume's superblock says that it needs recovery: elsewhere the log
 * is out of date, whatever it holds.
 */
public final class Replay {
  private static final int WRITTEN_BYTES = 1 << 20;

  private final Log log;
  private final BlockDevice device;
  private final long[] blockNrs;
  private final ReplaySummary summary;
  private final List<FastCommitTag> fastCommits;

  private Replay(
      Log log,
      BlockDevice device,
      long[] blockNrs,
      ReplaySummary summary,
      List<FastCommitTag> fastCommits) {
    this.log = log;
    this.device = device;
    this.blockNrs = blockNrs;
    this.summary = summary;
    this.fastCommits = fastCommits;
  }

  /**
   * Replays the log as the kernel would: all complete transactions, in their order, but for what
   * later ones revoke. A copy that a later one replaces is not looked at; the kernel writes it
   * first, and would stop at a wrong checksum there.
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
    Log opened = Log.open(device, blockBytes, log);
    JournalSuperblock superblock = opened.superblock();
    int first = superblock.startTransactionId();
    if (superblock.isClean()) {
      ReplaySummary nothing = new ReplaySummary(Integer.toUnsignedLong(first), 0, 0, 0, 0);
      return new Replay(opened, device, new long[0], nothing, List.of());
    }
    int end = new LogScan(opened).endTransactionId();
    LogWalk walk = new LogWalk(opened, end);
    LoggedBlocks logged = walk.loggedBlocks();
    long revokeCount = walk.revoke(logged);
    long[] blockNrs = checked(opened, logged);
    List<FastCommitTag> fastCommits = FastCommits.of(opened, end);
    ReplaySummary summary =
        new ReplaySummary(
            Integer.toUnsignedLong(first),
            Integer.toUnsignedLong(end - first),
            blockNrs.length,
            revokeCount,
            fastCommits.size());
    BlockDevice replayed = overlay(device, blockBytes, logged, blockNrs);
    return new Replay(opened, replayed, blockNrs, summary, fastCommits);
  }

  /** The blocks that have a copy which is not revoked, in rising order; checks those copies. */
  private static long[] checked(Log log, LoggedBlocks logged) throws IOException {
    Checksums checksums = new Checksums(log.superblock());
    boolean hasChecksums = log.superblock().features().blockChecksums();
    ByteBuffer copy = ByteBuffer.allocate(log.blockBytes());
    long[] blockNrs = new long[logged.count()];
    int count = 0;
    for (int i = 0; i < logged.count(); i++) {
      if (logged.isRevoked(i)) {
        continue;
      }
      long copyBlockNr = logged.copy(i).blockNr();
      requireInVolume(log, logged.blockNr(i), copyBlockNr);
      if (hasChecksums) {
        log.read(copyBlockNr, copy);
        checksums.requireCopy(copy, copyBlockNr, logged.transactionId(i), logged.checksum(i));
      }
      blockNrs[count++] = logged.blockNr(i);
    }
    long[] rising = Arrays.copyOf(blockNrs, count);
    Arrays.sort(rising);
    return rising;
  }

  private static void requireInVolume(Log log, long blockNr, long copyBlockNr)
      throws CorruptException {
    if (Long.compareUnsigned(blockNr, log.volumeBlockCount()) >= 0) {
      throw new CorruptException(
          new Damage(
              "journal data block",
              copyBlockNr,
              "t_blocknr of its tag",
              "less than " + log.volumeBlockCount(),
              Long.toUnsignedString(blockNr)));
    }
  }

  private static BlockDevice overlay(
      BlockDevice device, int blockBytes, LoggedBlocks logged, long[] blockNrs) {
    if (blockNrs.length == 0) {
      return device;
    }
    long[] copies = new long[blockNrs.length];
    for (int i = 0; i < blockNrs.length; i++) {
      copies[i] = logged.copyOf(blockNrs[i]).bits();
    }
    return new ReplayedDevice(device, blockBytes, blockNrs, copies);
  }

  /**
   * The replayed volume; the volume itself where there was nothing to replay. Closing it closes the
   * volume.
   */
  public BlockDevice device() {
    return device;
  }

  /**
   * What the fast commits behind the last transaction changed, in their order. The device does not
   * show it: these changes are of files, not of blocks.
   */
  public List<FastCommitTag> fastCommits() {
    return fastCommits;
  }

  /** Whether the log tells of an error that stopped its use. */
  public boolean hasError() {
    return log.superblock().hasError();
  }

  /** Writes the replayed blocks to their places. */
  public void writeInPlace(WritableDevice target) throws IOException {
    int blockBytes = log.blockBytes();
    int most = Math.max(1, WRITTEN_BYTES / blockBytes);
    int from = 0;
    while (from < blockNrs.length) {
      int to = from + 1;
      while (to < blockNrs.length && to - from < most && blockNrs[to] == blockNrs[to - 1] + 1) {
        to++;
      }
      ByteBuffer run = ByteBuffer.allocate((to - from) * blockBytes);
      device.read(blockNrs[from] * blockBytes, run);
      target.write(blockNrs[from] * blockBytes, run.flip());
      from = to;
    }
  }

  /**
   * Says in the log that nothing is to be replayed any more, and flushes. The ids of its
   * transactions are not used again, those included that were not complete.
   */
  public void clearLog(WritableDevice target) throws IOException {
    writeTail(target, 0, endTransactionId() + 1);
  }

  /**
   * Says in the log that only fast commits are left to be replayed, and flushes: until a
   * transaction is appended with the id that they belong to.
   */
  public void clearTransactions(WritableDevice target) throws IOException {
    writeTail(target, log.superblock().firstBlock(), endTransactionId());
  }

  private int endTransactionId() {
    return (int) (summary.firstTransactionId() + summary.transactionCount());
  }

  private void writeTail(WritableDevice target, long startBlock, int transactionId)
      throws IOException {
    JournalSuperblockEditor superblock = JournalSuperblockEditor.read(target, log);
    superblock.setTail(startBlock, transactionId);
    superblock.setErrno(0);
    superblock.write(target);
    target.flush();
  }

  /** What was replayed. */
  public ReplaySummary summary() {
    return summary;
  }
}
