package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import java.io.IOException;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Any request to either device may fail, once or from then on. */
class IoErrorTest {
  private static final int BLOCK_BYTES = 65536;
  private static final int STEPS = 120;
  private static final int ROUNDS = 40;

  static LongStream seeds() {
    return Seeds.some(2);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void anErrorIsToldAndNoByteIsWrong(long seed) throws Exception {
    ErrorDevice.Faults none = new ErrorDevice.Faults();
    round(seed, none);
    Random random = new Random(seed);
    for (int i = 0; i < ROUNDS; i++) {
      long first = random.nextInt((int) none.count());
      long last = random.nextBoolean() ? first : Long.MAX_VALUE;
      round(seed, new ErrorDevice.Faults(first, last, random));
    }
  }

  private static void round(long seed, ErrorDevice.Faults faults) throws IOException {
    byte[] metadata = MemoryPool.format(512, BLOCK_BYTES, PoolModel.enoughBlocks());
    byte[] data = new byte[PoolModel.enoughBlocks() * BLOCK_BYTES];
    PoolModel model = new PoolModel(new Random(seed), BLOCK_BYTES);
    boolean isTold = false;
    try {
      WritablePool pool =
          MemoryPool.open(
              new ErrorDevice(metadata, faults, "metadata"), new ErrorDevice(data, faults, "data"));
      for (int i = 0; i < STEPS; i++) {
        isTold |= !worked(model, pool);
      }
      pool.abandon();
      isTold |= !committed(model, pool);
      assertThat(isTold).as("an error is told").isEqualTo(faults.haveStruck());
      model.verifyReadable(pool);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("Input/output error"); // when it was opened
    }
    MemoryPool.check(metadata, data.length);
    try (ThinPool pool =
        MemoryPool.openToRead(new MemoryDevice(metadata, "m"), new MemoryDevice(data, "d"))) {
      model.verifyPossible(pool);
    }
  }

  private static boolean committed(PoolModel model, WritablePool pool) {
    try {
      pool.commit();
      return true;
    } catch (IOException e) {
      model.becomeUnsure();
      return false;
    }
  }

  private static boolean worked(PoolModel model, WritablePool pool) {
    try {
      model.step(pool);
      return true;
    } catch (IOException e) {
      assertThat(e)
          .hasMessageMatching(".*(Input/output error|read only|no thin device|transaction).*");
      model.becomeUnsure();
      return false;
    }
  }
}
