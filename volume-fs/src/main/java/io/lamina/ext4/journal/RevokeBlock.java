package io.lamina.ext4.journal;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * A block of the log that lists blocks of the volume whose older copies must not be replayed: they
 * were freed, and may hold something since that the log knows nothing of.
 *
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#revocation-block">Revocation
 *     block</a>
 */
final class RevokeBlock {
  private static final Layout LAYOUT = Layout.bigEndian("journal revoke block");

  static {
    LAYOUT.unused("r_header", 0, LogHeader.BYTES);
  }

  private static final U32 COUNT = LAYOUT.u32("r_count", 12);
  private static final int BYTES = LAYOUT.size(16);

  private static final Layout RECORD = Layout.bigEndian("journal revoke record");
  private static final U32 BLOCK_NR = RECORD.u32("block", 0);
  private static final int RECORD_BYTES = RECORD.size(4);

  private static final Layout RECORD_64 = Layout.bigEndian("journal revoke record, 64 bits");
  private static final Layout.U64 BLOCK_NR_64 = RECORD_64.u64("block", 0);
  private static final int RECORD_64_BYTES = RECORD_64.size(8);

  private RevokeBlock() {}

  private static int recordBytes(Features features) {
    return features.blockNumbers64() ? RECORD_64_BYTES : RECORD_BYTES;
  }

  private static int end(int blockBytes, Features features) {
    return blockBytes - (features.blockChecksums() ? Checksums.TAIL_BYTES : 0);
  }

  /** How many block numbers fit into a revoke block. */
  static int recordsPerBlock(int blockBytes, Features features) {
    return (end(blockBytes, features) - BYTES) / recordBytes(features);
  }

  /** Writes block numbers {@code from} to {@code to} into a revoke block. */
  static void write(ByteBuffer block, long[] blockNrs, int from, int to, Features features) {
    int recordBytes = recordBytes(features);
    int base = BYTES;
    for (int i = from; i < to; i++) {
      if (features.blockNumbers64()) {
        BLOCK_NR_64.put(block, base, blockNrs[i]);
      } else {
        BLOCK_NR.put(block, base, blockNrs[i]);
      }
      base += recordBytes;
    }
    COUNT.put(block, 0, base);
  }

  /**
   * Goes through the block numbers of a revoke block.
   *
   * @param blockNr where the block lies
   * @return how many there were
   */
  static int forEach(ByteBuffer block, long blockNr, Features features, LongConsumer revoked)
      throws CorruptException {
    long end = COUNT.get(block, 0); // in bytes, with what stands before the records
    int room = end(block.capacity(), features);
    if (end > room) {
      throw new CorruptException(
          new Damage(
              "journal revoke block", blockNr, "r_count", "at most " + room, Long.toString(end)));
    }
    int recordBytes = recordBytes(features);
    int count = 0;
    for (int base = BYTES; base + recordBytes <= end; base += recordBytes) {
      revoked.accept(
          features.blockNumbers64() ? BLOCK_NR_64.get(block, base) : BLOCK_NR.get(block, base));
      count++;
    }
    return count;
  }
}
