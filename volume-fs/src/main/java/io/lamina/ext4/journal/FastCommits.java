package io.lamina.ext4.journal;

import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U16;
import io.lamina.ondisk.Layout.U32;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The fast commits behind the log: a stream of tags that say what the last, incomplete transaction
 * changed, file by file. A head tag starts the stream, a tail tag with a checksum ends each commit.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#fast-commits">Fast
 *     commits</a>
 */
final class FastCommits {
  private static final Layout TAG = Layout.littleEndian("fast commit tag");
  private static final U16 FC_TAG = TAG.u16("fc_tag", 0);
  private static final U16 FC_LEN = TAG.u16("fc_len", 2);
  private static final int TAG_BYTES = TAG.size(4);

  private static final Layout HEAD = Layout.littleEndian("fast commit head");
  private static final U32 FC_FEATURES = HEAD.u32("fc_features", 0);
  private static final U32 FC_HEAD_TID = HEAD.u32("fc_tid", 4);
  private static final int HEAD_BYTES = HEAD.size(8);

  private static final Layout TAIL = Layout.littleEndian("fast commit tail");
  private static final U32 FC_TAIL_TID = TAIL.u32("fc_tid", 0);
  private static final U32 FC_CRC = TAIL.u32("fc_crc", 4);
  private static final int TAIL_BYTES = TAIL.size(8);

  private static final int FIRST_TAG = 0x1;
  private static final int TAG_TAIL = 0x8;
  private static final int TAG_HEAD = 0x9;

  private final Log log;
  private final int transactionId;
  private int checksum;
  private boolean ended;

  private FastCommits(Log log, int transactionId) {
    this.log = log;
    this.transactionId = transactionId;
  }

  /**
   * Whether there is at least one sound fast commit of a transaction.
   *
   * @param transactionId the one that the log ends before
   */
  static boolean follow(Log log, int transactionId) throws IOException {
    return log.superblock().features().fastCommit()
        && new FastCommits(log, transactionId).anySound();
  }

  private boolean anySound() throws IOException {
    ByteBuffer block = ByteBuffer.allocate(log.blockBytes());
    long first = log.superblock().firstFastCommitBlock();
    for (long logBlock = first; logBlock < log.superblock().blockCount(); logBlock++) {
      log.read(log.blockNr(logBlock), block);
      if (logBlock == first && FC_TAG.get(block, 0) != TAG_HEAD) {
        return false;
      }
      if (anySound(block)) {
        return true;
      }
      if (ended) {
        return false;
      }
    }
    return false;
  }

  private boolean anySound(ByteBuffer block) {
    int base = 0;
    while (!ended && base + TAG_BYTES <= block.capacity()) {
      int tag = FC_TAG.get(block, base);
      int value = base + TAG_BYTES;
      int next = value + FC_LEN.get(block, base);
      if (next > block.capacity() || tag < FIRST_TAG || tag > TAG_HEAD) {
        ended = true;
      } else if (tag == TAG_TAIL) {
        ended = true; // the first commit is sound, or none counts
        return next - value >= TAIL_BYTES && isSoundTail(block, base, value);
      } else {
        ended = tag == TAG_HEAD && !isOurHead(block, value, next);
        checksum = Crc32c.of(checksum, block, base, next);
      }
      base = next;
    }
    return false;
  }

  private boolean isSoundTail(ByteBuffer block, int base, int value) {
    int sum = Crc32c.of(checksum, block, base, value + Integer.BYTES);
    return FC_TAIL_TID.bits(block, value) == transactionId && FC_CRC.bits(block, value) == sum;
  }

  private boolean isOurHead(ByteBuffer block, int value, int next) {
    return next - value >= HEAD_BYTES
        && FC_FEATURES.bits(block, value) == 0
        && FC_HEAD_TID.bits(block, value) == transactionId;
  }
}
