package io.lamina.ext4.journal;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import java.nio.ByteBuffer;

/**
 * What every block of the log but the logged copies starts with.
 *
 * @param magic {@link #MAGIC}, else the block is not the log's own
 * @param type one of the constants here
 * @param transactionId which transaction the block belongs to, 32 bits that wrap around
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#block-header">Block
 *     header</a>
 */
record LogHeader(int magic, int type, int transactionId) {
  static final int MAGIC = 0xc03b3998;

  static final int DESCRIPTOR = 1;
  static final int COMMIT = 2;
  static final int SUPERBLOCK_V1 = 3;
  static final int SUPERBLOCK_V2 = 4;
  static final int REVOKE = 5;

  private static final Layout LAYOUT = Layout.bigEndian("journal block header");
  private static final U32 H_MAGIC = LAYOUT.u32("h_magic", 0);
  static final int TYPE_OFFSET = 4;
  private static final U32 H_BLOCKTYPE = LAYOUT.u32("h_blocktype", TYPE_OFFSET);
  private static final U32 H_SEQUENCE = LAYOUT.u32("h_sequence", 8);
  static final int BYTES = LAYOUT.size(12);

  static LogHeader read(ByteBuffer block) {
    return new LogHeader(
        H_MAGIC.bits(block, 0), H_BLOCKTYPE.bits(block, 0), H_SEQUENCE.bits(block, 0));
  }

  /** Writes the header of one of the log's own blocks. */
  static void write(ByteBuffer block, int type, int transactionId) {
    H_MAGIC.put(block, 0, MAGIC);
    H_BLOCKTYPE.put(block, 0, type);
    H_SEQUENCE.put(block, 0, transactionId);
  }

  /** Whether it heads a block of this transaction; if not, the log has ended. */
  boolean belongsTo(int expectedTransactionId) {
    return magic == MAGIC && transactionId == expectedTransactionId;
  }
}
