package io.lamina.ext4.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Crc32c;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a replay makes of a log that is damaged, cut short, hostile or from the future. */
class LogDamageTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int LOG_BLOCKS = 50;
  private static final long LAST_BLOCK = 99;

  /** Where the two transactions of {@link #twoTransactions} have their blocks in the log. */
  private static final int DESCRIPTOR_1 = 1;

  private static final int COPY_1 = 2;
  private static final int COMMIT_1 = 3;
  private static final int REVOKE_2 = 4;
  private static final int DESCRIPTOR_2 = 5;
  private static final int COPY_2 = 6;
  private static final int COMMIT_2 = 7;

  private final MemoryImage image = new MemoryImage(100 * BLOCK_BYTES);

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "h_magic | 0 | 1 | h_magic: expected 0xc03b3998, found 0x00000001",
        "h_blocktype | 4 | 7 | h_blocktype: expected 3 or 4, found 7",
        "s_blocksize | 12 | 4096 | s_blocksize: expected 1024, found 4096",
        "s_maxlen | 16 | 51 | s_maxlen: expected 2 to 50, found 51",
        "a giant s_maxlen | 16 | -1 | s_maxlen: expected 2 to 50, found 4294967295",
        "s_first 0 | 20 | 0 | s_first: expected 1 to 49, found 0",
        "s_first | 20 | 50 | s_first: expected 1 to 49, found 50",
        "s_start | 28 | 50 | s_start: expected 1 to 49, found 50",
        "s_checksum_type | 80 | 0 | s_checksum_type: expected 4, found 0",
      })
  void oneSpoiltFieldOfTheSuperblockIsNamed(String name, int offset, int value, String expected) {
    LogWriter log = twoTransactions(0, LogWriter.V3);
    log.at(0).putInt(offset, value);
    log.sealSuperblock();
    assertThatThrownBy(() -> replay(log))
        .isInstanceOf(CorruptException.class)
        .hasMessage("journal superblock at block 99: " + expected);
  }

  @Test
  void aWrongChecksumOfTheSuperblockIsNamed() {
    LogWriter log = twoTransactions(0, LogWriter.V2);
    log.at(0).putInt(32, 5);
    assertThatThrownBy(() -> replay(log))
        .isInstanceOf(CorruptException.class)
        .hasMessageStartingWith("journal superblock at block 99: checksum: expected 0x");
  }

  @Test
  void twoVersionsOfTheChecksumsAtOnceAreRefused() {
    LogWriter log = twoTransactions(0, LogWriter.V2 | LogWriter.V3);
    assertThatThrownBy(() -> replay(log))
        .hasMessageContaining("checksum features: expected one version, found v1 false, v2 true");
  }

  @ParameterizedTest
  @CsvSource({"40, incompatible feature 0x40", "44, read-only compatible feature 0x40"})
  void anUnknownFeatureIsRefusedByItsBit(int offset, String expected) {
    LogWriter log = twoTransactions(0, 0);
    log.at(0).putInt(offset, 0x3c0);
    assertThatThrownBy(() -> replay(log))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void theFeaturesOfAVersion1SuperblockMeanNothing() throws IOException {
    LogWriter log = twoTransactions(0, 0);
    log.at(0).putInt(4, 3).putInt(40, 0xf00);
    assertThat(replay(log).summary().transactionCount()).isEqualTo(2);
  }

  @Test
  void aCleanLogLeavesTheVolumeAsItIs() throws IOException {
    LogWriter log = twoTransactions(0, LogWriter.V3);
    log.superblock(0, 7);
    assertThat(replay(log).device()).isSameAs(image);
    assertThat(replay(log).summary()).isEqualTo(new ReplaySummary(7, 0, 0, 0, 0));
  }

  @Test
  void bothTransactionsAreReplayed() throws IOException {
    Replay replay = replay(twoTransactions(0, LogWriter.V3));
    assertThat(replay.summary()).isEqualTo(new ReplaySummary(1, 2, 2, 1, 0));
    assertThat(byteOfBlock(replay, 10)).isEqualTo(1);
    assertThat(byteOfBlock(replay, 11)).isEqualTo(2);
  }

  @ParameterizedTest(name = "log block {0}: {1}")
  @CsvSource({
    DESCRIPTOR_1 + ", journal descriptor block at block 98",
    COPY_1 + ", journal data block at block 97",
    COMMIT_1 + ", 'journal transaction 1, commit block at block 96'",
    REVOKE_2 + ", journal revoke block at block 95",
    COMMIT_2 + ", 'journal transaction 2, commit block at block 92'"
  })
  void aWrongChecksumInTheLogIsNamed(int logBlock, String expected) {
    for (int version : new int[] {LogWriter.V2, LogWriter.V3}) {
      LogWriter log = twoTransactions(0, version);
      spoil(log, logBlock);
      assertThatThrownBy(() -> replay(log))
          .isInstanceOf(CorruptException.class)
          .hasMessageStartingWith(expected + ": checksum: expected");
    }
  }

  @Test
  void aWrongChecksumOfARevokedCopyDoesNotMatter() throws IOException {
    LogWriter log = writer(0, LogWriter.V3);
    log.superblock(1, 1);
    transaction(log, 10, 1);
    log.revoke(List.of(10L));
    log.commit();
    spoil(log, COPY_1);
    assertThat(replay(log).summary().blockCount()).isZero();
  }

  @Test
  void aWrongChecksumOfVersion1IsNamed() {
    LogWriter log = twoTransactions(LogWriter.CHECKSUM_V1, 0);
    spoil(log, COPY_1);
    assertThatThrownBy(() -> replay(log))
        .hasMessageStartingWith("journal transaction 1, commit block at block 96: checksum");
  }

  @Test
  void anAsynchronousCommitThatWasCutShortEndsTheLog() throws IOException {
    LogWriter log = twoTransactions(LogWriter.CHECKSUM_V1, LogWriter.ASYNC);
    spoil(log, COPY_2);
    assertThat(replay(log).summary().transactionCount()).isEqualTo(1);
  }

  @Test
  void anAsynchronousCommitFollowedByAnotherWasNotCutShort() {
    LogWriter log = twoTransactions(LogWriter.CHECKSUM_V1, LogWriter.ASYNC);
    spoil(log, COPY_1);
    assertThatThrownBy(() -> replay(log))
        .hasMessageStartingWith("journal transaction 2, commit block at block 92");
  }

  @Test
  void aCommitBlockWithAnEarlierTimeIsALeftover() throws IOException {
    for (int spoilt : new int[] {REVOKE_2, DESCRIPTOR_2, COMMIT_2}) {
      LogWriter log = twoTransactions(0, LogWriter.V3);
      spoil(log, spoilt);
      log.at(COMMIT_2).putLong(48, 10);
      assertThat(replay(log).summary().transactionCount()).isEqualTo(1);
    }
  }

  @Test
  void aCommitBlockOfWhichOnlyTheStartWasWrittenCounts() throws IOException {
    LogWriter log = twoTransactions(0, LogWriter.V3);
    log.at(COMMIT_2).putInt(600, 77);
    assertThat(replay(log).summary().transactionCount()).isEqualTo(2);
  }

  @Test
  void aTransactionWithoutItsCommitBlockIsNotReplayed() throws IOException {
    LogWriter log = twoTransactions(0, 0);
    log.at(COMMIT_2).putInt(0, 0);
    assertThat(replay(log).summary()).isEqualTo(new ReplaySummary(1, 1, 1, 0, 0));
  }

  @Test
  void aLogThatIsAllOneTransactionEnds() throws IOException {
    LogWriter log = writer(0, 0);
    log.superblock(1, 1);
    for (int i = 0; i < LOG_BLOCKS; i++) {
      log.revoke(List.of(1L));
    }
    assertThat(replay(log).summary().transactionCount()).isZero();
  }

  @Test
  void aDescriptorWithoutALastTagEndsWithItsBlock() throws IOException {
    LogWriter log = writer(0, 0);
    log.superblock(1, 1);
    transaction(log, 10, 1);
    ByteBuffer descriptor = log.at(DESCRIPTOR_1);
    for (int i = 12; i + 8 <= BLOCK_BYTES; i += 8) {
      descriptor.putInt(i, 10).putInt(i + 4, 2);
    }
    assertThat(replay(log).summary().transactionCount()).isZero(); // 126 copies in a ring of 49
  }

  @ParameterizedTest
  @CsvSource({"100, 0", "4294967295, 2", "-1, 2"})
  void aCopyOfABlockOutsideTheVolumeIsNamed(long blockNr, int wide) {
    LogWriter log = writer(0, LogWriter.V3 | wide);
    log.superblock(1, 1);
    transaction(log, blockNr, 1);
    assertThatThrownBy(() -> replay(log))
        .hasMessage(
            "journal data block at block 97: t_blocknr of its tag: expected less than 100, found "
                + Long.toUnsignedString(blockNr));
  }

  @Test
  void aCopyOfABlockOfTheLogItselfDoesNoHarm() throws IOException {
    LogWriter log = writer(0, 0);
    log.superblock(1, 1);
    transaction(log, log.blockNr(COPY_1), 1);
    transaction(log, log.blockNr(DESCRIPTOR_1), 2);
    assertThat(byteOfBlock(replay(log), log.blockNr(DESCRIPTOR_1))).isEqualTo(2);
  }

  @Test
  void aRevokeBlockThatIsLongerThanItsBlockIsNamed() {
    LogWriter log = twoTransactions(0, 0);
    log.at(REVOKE_2).putInt(12, 1025);
    assertThatThrownBy(() -> replay(log))
        .hasMessage("journal revoke block at block 95: r_count: expected at most 1024, found 1025");
  }

  @ParameterizedTest
  @CsvSource({"0", "100", "-5", "9223372036854775807"})
  void aLogThatLiesOutsideTheVolumeIsNamed(long blockNr) {
    LogMap map =
        new LogMap() {
          @Override
          public long blockCount() {
            return LOG_BLOCKS;
          }

          @Override
          public long blockNr(long logBlock) {
            return blockNr;
          }
        };
    assertThatThrownBy(() -> Replay.of(image, BLOCK_BYTES, map))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("place of the log's block 0: expected 1 to 99");
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void spoiltBytesGiveAReplayOrOneNamedError(long seed) throws IOException {
    Random random = new Random(seed);
    int[] versions = {0, LogWriter.V2, LogWriter.V3, LogWriter.BLOCKS_64, LogWriter.FAST_COMMIT};
    LogWriter log = twoTransactions(0, versions[random.nextInt(versions.length)]);
    for (int i = 0; i < 1 + random.nextInt(8); i++) {
      int offset = random.nextInt(random.nextBoolean() ? 100 : BLOCK_BYTES);
      log.at(random.nextInt(9)).put(offset, (byte) random.nextInt(256));
    }
    log.sealSuperblock();
    try {
      Replay replay = replay(log);
      replay.device().read(0, ByteBuffer.allocate((int) image.size()));
    } catch (CorruptException | UnsupportedException e) {
      assertThat(e.getMessage()).startsWith("journal").doesNotContain("\n");
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 100L * Integer.getInteger("lamina.seeds", 5));
  }

  @Test
  void aSoundFastCommitOfTheNextTransactionIsReported() throws IOException {
    assertThat(fastCommit(3, 3, 0).summary().fastCommitTagCount()).isEqualTo(1);
  }

  @Test
  void aFastCommitOfAnotherTransactionOrACutOneIsNot() throws IOException {
    assertThat(fastCommit(2, 2, 0).summary().fastCommitTagCount()).isZero();
    assertThat(fastCommit(3, 2, 0).summary().fastCommitTagCount()).isZero();
    assertThat(fastCommit(3, 3, 1).summary().fastCommitTagCount()).isZero();
  }

  /** A log of 1024 blocks and a fast commit area of 6 behind it, in which one commit stands. */
  private static Replay fastCommit(int head, int tail, int spoil) throws IOException {
    MemoryImage large = new MemoryImage(1200 * BLOCK_BYTES);
    LogWriter log =
        new LogWriter(large, BLOCK_BYTES, 1030, 0, LogWriter.FAST_COMMIT, new Random(1));
    log.fastCommitBlocks = 6;
    log.superblock(1, 1);
    transaction(log, 10, 1);
    transaction(log, 11, 2);
    ByteBuffer area = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    area.putShort((short) 9).putShort((short) 8).putInt(0).putInt(head);
    area.putShort((short) 5).putShort((short) 9).putInt(2).putInt(12).put((byte) 'a');
    area.putShort((short) 8).putShort((short) (BLOCK_BYTES - area.position() - 2)).putInt(tail);
    area.putInt(Crc32c.of(0, area, 0, area.position()) + spoil);
    log.put(1025, area);
    return Replay.of(large, BLOCK_BYTES, log);
  }

  private LogWriter writer(int compatible, int incompatible) {
    return new LogWriter(image, BLOCK_BYTES, LOG_BLOCKS, compatible, incompatible, new Random(1));
  }

  private LogWriter twoTransactions(int compatible, int incompatible) {
    image.bytes.put(0, new byte[(int) image.size()]);
    LogWriter log = writer(compatible, incompatible);
    assertThat(log.blockNr(0)).isEqualTo(LAST_BLOCK);
    log.superblock(1, 1);
    transaction(log, 10, 1);
    log.revoke(List.of(30L));
    transaction(log, 11, 2);
    return log;
  }

  private static void transaction(LogWriter log, long blockNr, int content) {
    byte[] bytes = new byte[BLOCK_BYTES];
    Arrays.fill(bytes, (byte) content);
    log.descriptor(List.of(blockNr), List.of(bytes));
    log.commit();
  }

  private static void spoil(LogWriter log, int logBlock) {
    ByteBuffer block = log.at(logBlock);
    block.put(59, (byte) (block.get(59) ^ 1));
  }

  private Replay replay(LogWriter log) throws IOException {
    return Replay.of(image, BLOCK_BYTES, log);
  }

  private static int byteOfBlock(Replay replay, long blockNr) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    replay.device().read(blockNr * BLOCK_BYTES + 5, one);
    return one.get(0);
  }
}
