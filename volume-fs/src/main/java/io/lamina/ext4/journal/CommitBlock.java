package io.lamina.ext4.journal;

import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U64;
import io.lamina.ondisk.Layout.U8;
import java.nio.ByteBuffer;

/**
 * The last block of a transaction: once it is there, the transaction has happened.
 *
 * @param checksumType 1 for crc32, 0 for none; version 1 of the checksums only
 * @param checksumBytes size of the checksum, 0 for none; version 1 only
 * @param checksum of the transaction in version 1, of this block in versions 2 and 3
 * @param seconds when it was written, since 1970
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#commit-block">Commit
 *     block</a>
 */
record CommitBlock(int checksumType, int checksumBytes, int checksum, long seconds) {
  private static final Layout LAYOUT = Layout.bigEndian("journal commit block");

  static {
    LAYOUT.unused("h_header", 0, LogHeader.BYTES);
  }

  private static final U8 CHKSUM_TYPE = LAYOUT.u8("h_chksum_type", 12);
  private static final U8 CHKSUM_SIZE = LAYOUT.u8("h_chksum_size", 13);

  static {
    LAYOUT.unused("h_padding", 14, 2);
  }

  static final int CHECKSUM_OFFSET = 16;
  private static final U32 CHKSUM = LAYOUT.u32("h_chksum[0]", CHECKSUM_OFFSET);

  static {
    LAYOUT.unused("h_chksum[1] to [7]", 20, 28);
  }

  private static final U64 COMMIT_SEC = LAYOUT.u64("h_commit_sec", 48);
  private static final U32 COMMIT_NSEC = LAYOUT.u32("h_commit_nsec", 56);

  static final int BYTES = LAYOUT.size(60);

  private static final int CHECKSUM_TYPE_CRC32 = 1;

  static CommitBlock read(ByteBuffer block) {
    return new CommitBlock(
        CHKSUM_TYPE.get(block, 0),
        CHKSUM_SIZE.get(block, 0),
        CHKSUM.bits(block, 0),
        COMMIT_SEC.get(block, 0));
  }

  /** Writes the time into one. */
  static void write(ByteBuffer block, long seconds, int nanos) {
    COMMIT_SEC.put(block, 0, seconds);
    COMMIT_NSEC.put(block, 0, nanos);
  }

  /** Whether it carries this crc32 of its transaction, or none at all; version 1. */
  boolean agreesWith(int crc32) {
    boolean none = checksumType == 0 && checksumBytes == 0 && checksum == 0;
    return none
        || (checksumType == CHECKSUM_TYPE_CRC32
            && checksumBytes == Integer.BYTES
            && checksum == crc32);
  }

  /** Whether it was written before a commit of that time: then it is left from an older log. */
  boolean isOlderThan(long otherSeconds) {
    return Long.compareUnsigned(seconds, otherSeconds) < 0;
  }
}
