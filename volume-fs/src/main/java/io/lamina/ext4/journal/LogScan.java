package io.lamina.ext4.journal;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first pass over the log: how far its complete transactions go.
 *
 * <p>The log ends at the first block that is not of the transaction expected there. Since an old
 * log may have left anything behind that end, a wrong checksum alone says little: a commit block
 * with a time before that of the last one is such a leftover and ends the log; one with a later
 * time shows that this log was damaged, and the volume is refused.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/jbd2/recovery.c">
 *     fs/jbd2/recovery.c</a>
 */
final class LogScan {
  private final Log log;
  private final Features features;
  private final TagFormat tagFormat;
  private final Checksums checksums;
  private final LogCursor cursor;
  private final ByteBuffer copy;

  private int transactionId;
  private @Nullable Integer badTransactionId;
  private @Nullable Damage suspect;
  private long lastCommitSeconds;
  private int crc32 = ~0;

  LogScan(Log log) {
    this.log = log;
    JournalSuperblock superblock = log.superblock();
    this.features = superblock.features();
    this.tagFormat = TagFormat.of(features, log.blockBytes());
    this.checksums = new Checksums(superblock);
    this.cursor = new LogCursor(log);
    this.copy = ByteBuffer.allocate(log.blockBytes());
    this.transactionId = superblock.startTransactionId();
  }

  /**
   * The transaction that the log ends before.
   *
   * @throws CorruptException when a transaction's checksum is wrong and it is not a leftover
   */
  int endTransactionId() throws IOException {
    boolean goesOn = true;
    while (goesOn && !cursor.hasLapped()) {
      LogHeader header = LogHeader.read(cursor.next());
      goesOn = header.belongsTo(transactionId) && take(header.type());
    }
    return badTransactionId != null ? badTransactionId : transactionId;
  }

  /** Takes in one block; false when the log ends at it. */
  private boolean take(int type) throws IOException {
    switch (type) {
      case LogHeader.DESCRIPTOR -> takeDescriptor();
      case LogHeader.REVOKE -> suspectUnlessTailAgrees("journal revoke block");
      case LogHeader.COMMIT -> {
        return takeCommit();
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private void takeDescriptor() throws IOException {
    suspectUnlessTailAgrees("journal descriptor block");
    int copyCount = tagFormat.tags(cursor.block()).size();
    if (!features.checksumV1() || badTransactionId != null) {
      cursor.skip(copyCount);
      return;
    }
    crc32 = Crc32Be.of(crc32, cursor.block());
    for (int i = 0; i < copyCount; i++) {
      log.read(cursor.nextBlockNr(), copy);
      crc32 = Crc32Be.of(crc32, copy);
    }
  }

  private void suspectUnlessTailAgrees(String structure) {
    if (!checksums.agreesWithTail(cursor.block())) {
      suspect = new Damage(structure, cursor.blockNr(), "checksum", "its own", "another");
    }
  }

  private boolean takeCommit() throws CorruptException {
    CommitBlock commit = CommitBlock.read(cursor.block());
    if (suspect != null) {
      if (commit.isOlderThan(lastCommitSeconds)) {
        return false;
      }
      throw new CorruptException(suspect);
    }
    if (features.checksumV1() && badTransactionId != null) {
      throw damaged(commit, crc32); // not cut short after all: one more was committed behind it
    }
    boolean sound = agrees(commit);
    if (!sound && commit.isOlderThan(lastCommitSeconds)) {
      return false;
    }
    if (!sound) {
      badTransactionId = transactionId;
      if (!features.asyncCommit()) {
        throw damaged(commit, expectedChecksum());
      }
    }
    crc32 = ~0;
    lastCommitSeconds = commit.seconds();
    transactionId++;
    return true;
  }

  private boolean agrees(CommitBlock commit) {
    return features.checksumV1()
        ? commit.agreesWith(crc32)
        : checksums.agreesWithCommit(cursor.block(), commit);
  }

  private int expectedChecksum() {
    return features.checksumV1() ? crc32 : checksums.ofCommit(cursor.block());
  }

  private CorruptException damaged(CommitBlock commit, int expected) {
    String structure =
        "journal transaction " + Integer.toUnsignedString(transactionId) + ", commit block";
    return new CorruptException(
        Damage.ofChecksum(structure, cursor.blockNr(), expected, commit.checksum()));
  }
}
