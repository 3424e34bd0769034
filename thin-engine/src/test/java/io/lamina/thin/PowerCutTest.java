package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The power is cut at each flush of a sequence of operations. */
class PowerCutTest {
  private static final int BLOCK_BYTES = 65536;
  private static final int STEPS = 150;
  private static final int FIRST_DATA_BLOCKS = PoolModel.enoughBlocks();
  private static final int ALL_DATA_BLOCKS = FIRST_DATA_BLOCKS + 20;

  @TempDir Path directory;

  static LongStream seeds() {
    return Seeds.some(2);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatWasFlushedIsThereAndTheRestIsOldOrNew(long seed) throws Exception {
    byte[] metadata = MemoryPool.format(512, BLOCK_BYTES, FIRST_DATA_BLOCKS);
    boolean isCut = true;
    for (int flushes = 0; isCut; flushes++) {
      Random random = new Random(seed * 1000 + flushes);
      int unitBytes = random.nextBoolean() ? 512 : 4096;
      CrashingDevice.Power power = new CrashingDevice.Power(flushes);
      CrashingDevice metadataDevice = new CrashingDevice(metadata, unitBytes, power, "metadata");
      CrashingDevice dataDevice =
          new CrashingDevice(new byte[ALL_DATA_BLOCKS * BLOCK_BYTES], unitBytes, power, "data");
      PoolModel model = new PoolModel(new Random(seed), BLOCK_BYTES).growing();
      play(model, metadataDevice, dataDevice);
      isCut = power.isCut();
      byte[] found = metadataDevice.afterCut(random);
      byte[] data = dataDevice.afterCut(random);
      checkWithThinCheck(found, flushes);
      MemoryPool.check(found, data.length);
      goOn(model, found, data);
    }
  }

  private static void play(PoolModel model, CrashingDevice metadata, CrashingDevice data) {
    data.resize((long) FIRST_DATA_BLOCKS * BLOCK_BYTES);
    try {
      WritablePool pool = MemoryPool.open(metadata, data);
      try {
        for (int i = 0; i < STEPS; i++) {
          if (i == STEPS / 2) {
            data.resize((long) ALL_DATA_BLOCKS * BLOCK_BYTES);
          }
          model.step(pool);
        }
      } finally {
        pool.abandon();
      }
    } catch (IOException e) {
      assertThat(e).hasMessageMatching(".*(power cut|read only).*");
    }
  }

  private void checkWithThinCheck(byte[] metadata, int flushes) throws Exception {
    if (flushes % 8 == 0) {
      Path file = directory.resolve("metadata");
      Files.write(file, metadata);
      ThinTools.check(file);
    }
  }

  /** The pool is as it may be, can be written to, and is sound afterwards. */
  private static void goOn(PoolModel model, byte[] metadata, byte[] data) throws IOException {
    try (WritablePool pool =
        MemoryPool.open(new MemoryDevice(metadata, "metadata"), new MemoryDevice(data, "data"))) {
      model.verifyPossible(pool);
      if (pool.status().heldRoot().isPresent()) {
        pool.releaseMetadataSnapshot();
      }
      for (int id : pool.volumeIds()) {
        pool.delete(id);
      }
      pool.commit();
      assertThat(pool.status().usedDataBlocks()).isZero();
    }
    MemoryPool.check(metadata, data.length);
  }
}
