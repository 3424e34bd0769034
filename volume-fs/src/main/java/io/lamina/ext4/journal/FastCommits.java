package io.lamina.ext4.journal;

import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U16;
import io.lamina.ondisk.Layout.U32;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

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

  private static final int TAG_PAD = 0x7;
  private static final int TAG_TAIL = 0x8;
  private static final int TAG_HEAD = 0x9;

  /** The kernel's own area has 1 MiB. */
  private static final int MAX_BYTES = 64 << 20;

  private final Log log;
  private final int transactionId;
  private final List<FastCommitTag> committed = new ArrayList<>();
  private final List<FastCommitTag> open = new ArrayList<>();
  private int checksum;
  private boolean ended;

  private FastCommits(Log log, int transactionId) {
    this.log = log;
    this.transactionId = transactionId;
  }

  /**
   * The changes of the sound fast commits of a transaction, in their order. What follows the first
   * that is not sound counts as not written.
   *
   * @param transactionId the one that the log ends before
   */
  static List<FastCommitTag> of(Log log, int transactionId) throws IOException {
    if (!log.superblock().features().fastCommit()) {
      return List.of();
    }
    FastCommits commits = new FastCommits(log, transactionId);
    commits.read();
    return List.copyOf(commits.committed);
  }

  private void read() throws IOException {
    long first = log.superblock().firstFastCommitBlock();
    long end = Math.min(log.superblock().blockCount(), first + MAX_BYTES / log.blockBytes());
    for (long logBlock = first; logBlock < end && !ended; logBlock++) {
      ByteBuffer block = ByteBuffer.allocate(log.blockBytes());
      long blockNr = log.blockNr(logBlock);
      log.read(blockNr, block);
      ended = logBlock == first && FC_TAG.get(block, 0) != TAG_HEAD;
      read(block, blockNr);
    }
  }

  private void read(ByteBuffer block, long blockNr) {
    int base = 0;
    while (!ended && base + TAG_BYTES <= block.capacity()) {
      int value = base + TAG_BYTES;
      int end = value + FC_LEN.get(block, base);
      ended = end > block.capacity();
      if (!ended) {
        take(FC_TAG.get(block, base), block, base, end, blockNr);
      }
      base = end;
    }
  }

  private void take(int tag, ByteBuffer block, int base, int end, long blockNr) {
    int value = base + TAG_BYTES;
    FastCommitTag.Kind kind = FastCommitTag.Kind.of(tag);
    if (kind != null) {
      ByteBuffer bytes = block.slice(value, end - value).order(ByteOrder.LITTLE_ENDIAN);
      open.add(new FastCommitTag(kind, bytes, blockNr));
    } else if (tag == TAG_TAIL) {
      takeTail(block, base, value, end);
      return;
    } else if (tag == TAG_HEAD) {
      ended = !isOurHead(block, value, end);
    } else {
      ended = tag != TAG_PAD;
    }
    checksum = Crc32c.of(checksum, block, base, end);
  }

  private void takeTail(ByteBuffer block, int base, int value, int end) {
    if (end - value >= TAIL_BYTES && isSoundTail(block, base, value)) {
      committed.addAll(open);
    } else {
      ended = true;
    }
    open.clear();
    checksum = 0;
  }

  private boolean isSoundTail(ByteBuffer block, int base, int value) {
    int sum = Crc32c.of(checksum, block, base, value + Integer.BYTES);
    return FC_TAIL_TID.bits(block, value) == transactionId && FC_CRC.bits(block, value) == sum;
  }

  private boolean isOurHead(ByteBuffer block, int value, int end) {
    return end - value >= HEAD_BYTES
        && FC_FEATURES.bits(block, value) == 0
        && FC_HEAD_TID.bits(block, value) == transactionId;
  }
}
