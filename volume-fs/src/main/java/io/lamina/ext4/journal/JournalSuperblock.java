package io.lamina.ext4.journal;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.Damage;
import io.lamina.ondisk.Layout;
import io.lamina.ondisk.Layout.Bytes;
import io.lamina.ondisk.Layout.U32;
import io.lamina.ondisk.Layout.U8;
import io.lamina.ondisk.UnsupportedException;
import java.nio.ByteBuffer;

/**
 * Block 0 of the log.
 *
 * @param features what the log makes use of
 * @param firstBlock first block of the log that transactions use
 * @param lastBlock end of what transactions use: after it they go on at {@code firstBlock}
 * @param blockCount how many blocks the log has, the superblock and the fast commit area included
 * @param startBlock where the oldest transaction starts, 0 when the log is clean
 * @param startTransactionId the oldest transaction
 * @param hasError whether an error has stopped its use
 * @param checksumSeed what the checksums of the log's blocks start from
 * @see <a href="https://docs.kernel.org/filesystems/ext4/journal.html#super-block">jbd2
 *     superblock</a>
 */
record JournalSuperblock(
    Features features,
    long firstBlock,
    long lastBlock,
    long blockCount,
    long startBlock,
    int startTransactionId,
    boolean hasError,
    int checksumSeed) {
  private static final Layout LAYOUT = Layout.bigEndian("journal superblock");

  static {
    LAYOUT.unused("s_header", 0, LogHeader.BYTES);
  }

  private static final U32 BLOCKSIZE = LAYOUT.u32("s_blocksize", 12);
  private static final U32 MAXLEN = LAYOUT.u32("s_maxlen", 16);
  private static final U32 FIRST = LAYOUT.u32("s_first", 20);
  static final U32 SEQUENCE = LAYOUT.u32("s_sequence", 24);
  static final U32 START = LAYOUT.u32("s_start", 28);
  static final U32 ERRNO = LAYOUT.u32("s_errno", 32);
  static final U32 FEATURE_COMPAT = LAYOUT.u32("s_feature_compat", 36);
  static final U32 FEATURE_INCOMPAT = LAYOUT.u32("s_feature_incompat", 40);
  private static final U32 FEATURE_RO_COMPAT = LAYOUT.u32("s_feature_ro_compat", 44);
  static final Bytes UUID = LAYOUT.bytes("s_uuid", 48, 16);

  static final U32 NR_USERS = LAYOUT.u32("s_nr_users", 64);

  static {
    LAYOUT.unused("s_dynsuper, s_max_transaction, s_max_trans_data", 68, 12);
  }

  static final U8 CHECKSUM_TYPE = LAYOUT.u8("s_checksum_type", 80);

  static {
    LAYOUT.unused("s_padding2", 81, 3);
  }

  private static final U32 NUM_FC_BLKS = LAYOUT.u32("s_num_fc_blks", 84);

  static {
    LAYOUT.unused("s_head, s_padding", 88, 164);
  }

  static final int CHECKSUM_OFFSET = 252;
  static final U32 CHECKSUM = LAYOUT.u32("s_checksum", CHECKSUM_OFFSET);

  static {
    LAYOUT.unused("s_users", 256, 768);
  }

  static final int BYTES = LAYOUT.size(1024);

  /** As far as version 1 goes. */
  static final int V1_BYTES = 36;

  private static final String STRUCTURE = "journal superblock";
  private static final int CHECKSUM_TYPE_CRC32C = 4;

  /** What the fast commit area takes when the superblock does not say. */
  private static final int DEFAULT_FAST_COMMIT_BLOCKS = 256;

  /** What must be left for whole transactions, else there is no fast commit area. */
  private static final int MIN_LOG_BLOCKS = 1024;

  /**
   * Reads and checks it.
   *
   * @param block at least {@link #BYTES} of the log's block 0
   * @param blockNr where that lies in the volume
   * @param volumeBlockBytes what the log's block size must be
   * @param fileBlockCount how many blocks the log's file has
   */
  static JournalSuperblock read(
      ByteBuffer block, long blockNr, int volumeBlockBytes, long fileBlockCount)
      throws CorruptException, UnsupportedException {
    LogHeader header = LogHeader.read(block);
    if (header.magic() != LogHeader.MAGIC) {
      throw new CorruptException(
          new Damage(STRUCTURE, blockNr, "h_magic", hex(LogHeader.MAGIC), hex(header.magic())));
    }
    Features features = features(block, blockNr, header.type());
    features.requireSupported();
    int seed = Crc32c.of(Crc32c.ALL_ONES, UUID.get(block, 0));
    if (features.blockChecksums()) {
      checkChecksum(block, blockNr, features);
    }
    require(blockNr, "s_blocksize", volumeBlockBytes, BLOCKSIZE.get(block, 0));
    long blockCount = MAXLEN.get(block, 0);
    long first = FIRST.get(block, 0);
    long start = START.get(block, 0);
    requireBetween(blockNr, "s_maxlen", 2, fileBlockCount, blockCount);
    requireBetween(blockNr, "s_first", 1, blockCount - 1, first);
    long last = blockCount - fastCommitBlocks(features, block, blockCount);
    requireBetween(blockNr, "s_first", 1, last - 1, first);
    if (start != 0) {
      requireBetween(blockNr, "s_start", first, last - 1, start);
    }
    boolean hasError = ERRNO.bits(block, 0) != 0;
    int sequence = SEQUENCE.bits(block, 0);
    return new JournalSuperblock(
        features, first, last, blockCount, start, sequence, hasError, seed);
  }

  /** Whether nothing is to be replayed. */
  boolean isClean() {
    return startBlock == 0;
  }

  /** The first block of the fast commit area; there is none when it is the log's end. */
  long firstFastCommitBlock() {
    return Math.min(lastBlock + 1, blockCount);
  }

  private static Features features(ByteBuffer block, long blockNr, int type)
      throws CorruptException {
    return switch (type) {
      case LogHeader.SUPERBLOCK_V1 -> Features.NONE;
      case LogHeader.SUPERBLOCK_V2 ->
          new Features(
              FEATURE_COMPAT.bits(block, 0),
              FEATURE_INCOMPAT.bits(block, 0),
              FEATURE_RO_COMPAT.bits(block, 0));
      default ->
          throw new CorruptException(
              new Damage(
                  STRUCTURE, blockNr, "h_blocktype", "3 or 4", Integer.toUnsignedString(type)));
    };
  }

  private static void checkChecksum(ByteBuffer block, long blockNr, Features features)
      throws CorruptException {
    if (features.checksumV1() || (features.checksumV2() && features.checksumV3())) {
      throw new CorruptException(
          new Damage(
              STRUCTURE,
              blockNr,
              "checksum features",
              "one version",
              "v1 "
                  + features.checksumV1()
                  + ", v2 "
                  + features.checksumV2()
                  + ", v3 "
                  + features.checksumV3()));
    }
    require(blockNr, "s_checksum_type", CHECKSUM_TYPE_CRC32C, CHECKSUM_TYPE.get(block, 0));
    int found = CHECKSUM.bits(block, 0);
    int expected = Checksums.withFieldZeroed(Crc32c.ALL_ONES, block, BYTES, CHECKSUM_OFFSET);
    if (found != expected) {
      throw new CorruptException(Damage.ofChecksum(STRUCTURE, blockNr, expected, found));
    }
  }

  private static long fastCommitBlocks(Features features, ByteBuffer block, long blockCount) {
    if (!features.fastCommit()) {
      return 0;
    }
    long stated = NUM_FC_BLKS.get(block, 0);
    long wanted = stated == 0 ? DEFAULT_FAST_COMMIT_BLOCKS : stated;
    return blockCount - wanted >= MIN_LOG_BLOCKS ? wanted : 0;
  }

  private static void require(long blockNr, String field, long expected, long found)
      throws CorruptException {
    if (found != expected) {
      throw new CorruptException(Damage.ofNumbers(STRUCTURE, blockNr, field, expected, found));
    }
  }

  private static void requireBetween(long blockNr, String field, long from, long to, long found)
      throws CorruptException {
    if (found < from || found > to) {
      throw new CorruptException(
          new Damage(STRUCTURE, blockNr, field, from + " to " + to, Long.toString(found)));
    }
  }

  private static String hex(int value) {
    return String.format("0x%08x", value);
  }
}
