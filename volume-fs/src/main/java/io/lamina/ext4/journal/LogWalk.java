package io.lamina.ext4.journal;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import java.io.IOException;

/** The second and the third pass: over the complete transactions, whose end is known by then. */
final class LogWalk {
  private final Log log;
  private final int endTransactionId;
  private final Checksums checksums;
  private final TagFormat tagFormat;

  LogWalk(Log log, int endTransactionId) {
    this.log = log;
    this.endTransactionId = endTransactionId;
    this.checksums = new Checksums(log.superblock());
    this.tagFormat = TagFormat.of(log.superblock().features(), log.blockBytes());
  }

  /** Finds the newest copy of each block. */
  LoggedBlocks loggedBlocks() throws IOException {
    LoggedBlocks logged = new LoggedBlocks();
    walk(
        (type, cursor, transactionId) -> {
          if (type == LogHeader.DESCRIPTOR) {
            for (Tag tag : tagFormat.tags(cursor.block())) {
              logged.put(tag, cursor.nextBlockNr(), transactionId);
            }
          }
        });
    return logged;
  }

  /**
   * Applies the revoke records. They hide copies of their own transaction too, which come after
   * them in the log: hence a pass of its own.
   *
   * @return how many there were
   */
  long revoke(LoggedBlocks logged) throws IOException {
    long[] count = new long[1];
    walk(
        (type, cursor, transactionId) -> {
          if (type == LogHeader.DESCRIPTOR) {
            cursor.skip(tagFormat.tags(cursor.block()).size());
          } else {
            count[0] +=
                RevokeBlock.forEach(
                    cursor.block(),
                    cursor.blockNr(),
                    log.superblock().features(),
                    blockNr -> logged.revoke(blockNr, transactionId));
          }
        });
    return count[0];
  }

  private void walk(Visitor visitor) throws IOException {
    LogCursor cursor = new LogCursor(log);
    int transactionId = log.superblock().startTransactionId();
    while (transactionId != endTransactionId) {
      LogHeader header = LogHeader.read(cursor.next());
      if (!header.belongsTo(transactionId) || cursor.hasLapped()) {
        throw changed(cursor, transactionId, header);
      }
      switch (header.type()) {
        case LogHeader.COMMIT -> transactionId++;
        case LogHeader.DESCRIPTOR -> {
          checksums.requireTail("journal descriptor block", cursor.block(), cursor.blockNr());
          visitor.block(header.type(), cursor, transactionId);
        }
        case LogHeader.REVOKE -> visitor.block(header.type(), cursor, transactionId);
        default -> throw changed(cursor, transactionId, header);
      }
    }
  }

  /** The first pass came further: the bytes have changed since. */
  private static CorruptException changed(LogCursor cursor, int transactionId, LogHeader header) {
    return new CorruptException(
        Damage.ofNumbers(
            "journal block",
            cursor.blockNr(),
            "h_sequence",
            Integer.toUnsignedLong(transactionId),
            Integer.toUnsignedLong(header.transactionId())));
  }

  /** Takes the descriptor blocks and the revoke blocks; passes over what a descriptor describes. */
  private interface Visitor {
    void block(int type, LogCursor cursor, int transactionId) throws IOException;
  }
}
