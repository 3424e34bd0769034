package io.lamina.ext4.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random logs, of every kind and anywhere in the ring, against the rules applied one by one. */
class ReplayModelTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int VOLUME_BLOCKS = 160;
  private static final int LOG_BLOCKS = 80;
  private static final int USABLE_BLOCKS = 40;
  private static final int[] CHECKSUMS = {0, LogWriter.V2, LogWriter.V3};

  private record Logged(int transaction, long blockNr, ByteBuffer content) {}

  static LongStream seeds() {
    return LongStream.range(0, 20L * Integer.getInteger("lamina.seeds", 5));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void readsWhatTheRulesSay(long seed) throws IOException {
    Random random = new Random(seed);
    MemoryImage image = new MemoryImage(VOLUME_BLOCKS * BLOCK_BYTES);
    for (int i = 1; i < USABLE_BLOCKS; i += 1 + random.nextInt(3)) {
      image.bytes.put(i * BLOCK_BYTES, content(random));
    }
    LogWriter log = writer(image, random);
    log.transactionId = random.nextBoolean() ? -2 - random.nextInt(3) : 1 + random.nextInt(1000);
    log.position = 1 + random.nextInt(LOG_BLOCKS - 1);
    staleLap(log, random);
    log.superblock(log.position, log.transactionId);
    byte[] expected = image.bytes.array().clone();
    int committed = play(log, random, expected);

    Replay replay = Replay.of(image, BLOCK_BYTES, log);

    assertThat(replay.summary().transactionCount()).isEqualTo(committed);
    ByteBuffer all = ByteBuffer.allocate(expected.length);
    replay.device().read(0, all);
    assertThat(all.array()).isEqualTo(expected);
    readsRangesAndHoles(replay.device(), expected, random);
  }

  private static LogWriter writer(MemoryImage image, Random random) {
    int checksum = CHECKSUMS[random.nextInt(CHECKSUMS.length)];
    int wide = random.nextBoolean() ? LogWriter.BLOCKS_64 : 0;
    int compatible = checksum == 0 && random.nextBoolean() ? LogWriter.CHECKSUM_V1 : 0;
    return new LogWriter(image, BLOCK_BYTES, LOG_BLOCKS, compatible, checksum | wide | 1, random);
  }

  /** Fills the ring with what an earlier lap left there. */
  private static void staleLap(LogWriter log, Random random) {
    int position = log.position;
    int transactionId = log.transactionId;
    log.transactionId -= 40;
    for (int i = 0; i < 20; i++) {
      log.descriptor(List.of(1L + random.nextInt(USABLE_BLOCKS)), List.of(content(random)));
      log.commit();
    }
    log.position = position;
    log.transactionId = transactionId;
  }

  /**
   * Writes transactions, the last of them not committed, and makes the volume what they make it.
   */
  private static int play(LogWriter log, Random random, byte[] expected) {
    List<Logged> logged = new ArrayList<>();
    Map<Long, Integer> revoked = new HashMap<>();
    int room = LOG_BLOCKS - 2;
    int transaction = 0;
    boolean full = false;
    while (!full) {
      int descriptors = 1 + random.nextInt(2);
      List<Logged> own = new ArrayList<>();
      Map<Long, Integer> ownRevoked = new HashMap<>();
      if (random.nextInt(3) == 0) {
        List<Long> blocks = blocks(random, 1 + random.nextInt(8));
        log.revoke(blocks);
        int id = transaction;
        blocks.forEach(block -> ownRevoked.put(block, id));
        room--;
      }
      for (int d = 0; d < descriptors; d++) {
        List<Long> blocks = blocks(random, 1 + random.nextInt(6));
        List<byte[]> contents = new ArrayList<>();
        for (long block : blocks) {
          contents.add(content(random));
          own.add(
              new Logged(transaction, block, ByteBuffer.wrap(contents.get(contents.size() - 1))));
        }
        log.descriptor(blocks, contents);
        room -= blocks.size() + 1;
      }
      full = room < 32;
      if (!full) {
        log.commit();
        room--;
        logged.addAll(own);
        revoked.putAll(ownRevoked);
        transaction++;
      }
    }
    System.arraycopy(log.image.bytes.array(), 0, expected, 0, expected.length);
    for (Logged one : logged) {
      if (revoked.getOrDefault(one.blockNr(), -1) < one.transaction()) {
        System.arraycopy(
            one.content().array(), 0, expected, (int) one.blockNr() * BLOCK_BYTES, BLOCK_BYTES);
      }
    }
    return transaction;
  }

  private static void readsRangesAndHoles(BlockDevice device, byte[] expected, Random random)
      throws IOException {
    for (int i = 0; i < 50; i++) {
      int from = random.nextInt(expected.length);
      ByteBuffer range =
          ByteBuffer.allocate(random.nextInt(Math.min(5000, expected.length - from)));
      device.read(from, range);
      assertThat(range.flip()).isEqualTo(ByteBuffer.wrap(expected, from, range.limit()).slice());
    }
    boolean[] seen = new boolean[expected.length];
    for (long at = device.nextData(0); at < device.size(); at = device.nextData(at)) {
      long hole = device.nextHole(at);
      assertThat(hole).isGreaterThan(at);
      for (; at < hole; at++) {
        seen[(int) at] = true;
      }
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat(seen[i] || expected[i] == 0).isTrue();
    }
  }

  private static List<Long> blocks(Random random, int count) {
    return random.ints(count, 1, USABLE_BLOCKS).asLongStream().distinct().boxed().toList();
  }

  /** Sometimes a block that must be escaped, sometimes zeroes. */
  private static byte[] content(Random random) {
    byte[] content = new byte[BLOCK_BYTES];
    if (random.nextInt(5) != 0) {
      random.nextBytes(content);
    }
    if (random.nextInt(4) == 0) {
      ByteBuffer.wrap(content).putInt(0, LogHeader.MAGIC);
    }
    return content;
  }
}
