package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks are handed out once, come back when they may, and are told to the device. */
class AllocatorTest {
  private static final int MANY_FLUSHES = 10_000;
  private static final String[] OPTIONS = {
    "-t ext4 -b 1024", "-t ext4 -b 4096", "-t ext4 -b 4096 -O bigalloc -C 16384", "-t ext2 -b 1024"
  };

  @TempDir Path directory;

  @BeforeEach
  void tools() {
    E2fsprogs.require("mke2fs", "e2fsck");
  }

  private CrashingImage made(String options) throws IOException {
    Path image = E2fsprogs.mke2fs(directory.resolve("image"), "24M", options);
    return new CrashingImage(java.nio.file.Files.readAllBytes(image), MANY_FLUSHES);
  }

  private void check(CrashingImage device) throws IOException {
    Path image = directory.resolve("checked");
    java.nio.file.Files.write(image, device.content());
    E2fsprogs.run(List.of("e2fsck", "-fn", image.toString()), "", 0);
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 4));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeASetOfBlocks(long seed) throws Exception {
    Random random = new Random(seed);
    CrashingImage device = made(OPTIONS[(int) (seed % OPTIONS.length)]).withDiscardUnit(1 << 16);
    Files files = Writing.begin(device, new WriteOptions(random.nextBoolean(), true));
    Writing writing = files.requireWriting();
    long blockCount = files.volume().geometry().blockCount();
    long free = writing.blocks().freeBlockCount();
    BitSet taken = new BitSet();
    BitSet freed = new BitSet();
    List<Run> runs = new ArrayList<>();
    for (int step = 0; step < 1500; step++) {
      int choice = random.nextInt(20);
      if (choice < 10) {
        int wanted = 1 + random.nextInt(random.nextInt(8) == 0 ? 900 : 40);
        long goal = random.nextLong(blockCount);
        try (Handle handle = writing.journal().start(20, wanted)) {
          Run run = writing.blocks().allocate(handle, goal, wanted, handle.reservation());
          int from = (int) run.blockNr();
          int to = from + (int) run.blockCount();
          assertThat(taken.nextSetBit(from) < 0 || taken.nextSetBit(from) >= to).isTrue();
          assertThat(freed.nextSetBit(from) < 0 || freed.nextSetBit(from) >= to).isTrue();
          taken.set(from, to);
          runs.add(run);
        } catch (io.lamina.fs.FsException e) {
          assertThat(free - taken.cardinality() - freed.cardinality()).isLessThan(wanted * 4L);
        }
      } else if (choice < 19 && !runs.isEmpty()) {
        Run run = runs.remove(random.nextInt(runs.size()));
        try (Handle handle = writing.journal().start(20)) {
          writing.blocks().free(handle, run.blockNr(), run.blockCount(), false);
        }
        int from = (int) run.blockNr();
        taken.clear(from, from + (int) run.blockCount());
        freed.set(from, from + (int) run.blockCount());
      } else {
        writing.sync();
        freed.clear();
      }
      assertThat(writing.blocks().freeBlockCount()).isEqualTo(free - taken.cardinality());
    }
    for (Run run : runs) {
      try (Handle handle = writing.journal().start(20)) {
        writing.blocks().free(handle, run.blockNr(), run.blockCount(), false);
      }
    }
    writing.close();
    check(device);
  }

  @Test
  void whatIsFreedInPiecesIsDiscardedTogetherInWholeUnits() throws Exception {
    int unit = 1 << 16;
    CrashingImage device = made("-t ext4 -b 4096").withDiscardUnit(unit);
    Writing writing = Writing.begin(device, WriteOptions.DEFAULT).requireWriting();
    Run run;
    try (Handle handle = writing.journal().start(20, 100)) {
      run = writing.blocks().allocate(handle, 3000, 100, handle.reservation());
    }
    writing.sync();
    for (int i = 99; i >= 0; i--) {
      try (Handle handle = writing.journal().start(20)) {
        writing.blocks().free(handle, run.blockNr() + i, 1, false);
      }
    }
    writing.sync();
    assertThat(device.discards()).hasSize(1);
    long[] discard = device.discards().get(0);
    assertThat(discard[0] % unit).isZero();
    assertThat(discard[1] % unit).isZero();
    assertThat(discard[0]).isLessThanOrEqualTo(run.blockNr() * 4096);
    assertThat(discard[0] + discard[1]).isGreaterThanOrEqualTo((run.blockNr() + 100) * 4096);
    writing.close();
    check(device);
  }

  @Test
  void allFreeSpaceCanBeTrimmed() throws Exception {
    CrashingImage device = made("-t ext4 -b 4096");
    try (Ext4 tree = Ext4.openWritable(device, new WriteOptions(false, true))) {
      long free = tree.space().freeBlockCount() * 4096;
      assertThat(tree.trim(0, Long.MAX_VALUE, 0)).isEqualTo(free);
      assertThat(tree.trim(0, Long.MAX_VALUE, 1 << 30)).isZero();
      assertThat(tree.space().freeBlockCount() * 4096).isEqualTo(free);
    }
    check(device);
  }
}
