package io.lamina.thin.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.thin.LeakyPool;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LeakRepairTest {
  private final LeakyPool pool = new LeakyPool();

  LeakRepairTest() throws Exception {}

  private CheckReport mend() throws Exception {
    return LeakRepair.run(
        new MemoryDevice(pool.metadata(), "metadata"), -1, 10, CheckProgress.NONE);
  }

  @Test
  void leaksAreMendedAndTheNoteIsCleared() throws Exception {
    pool.leakData(3);
    pool.leakMetadata(2);
    pool.askForACheck();
    CheckReport found = mend();
    assertThat(found.total(Finding.DATA_LEAK)).isEqualTo(3);
    assertThat(found.total(Finding.METADATA_LEAK)).isEqualTo(2);
    CheckReport mended = mend();
    assertThat(mended.isSound()).isTrue();
    assertThat(mended.needsCheck()).isFalse();
  }

  @Test
  void nothingIsChangedWhereSomethingIsCountedTooRarely() throws Exception {
    pool.leakData(3);
    pool.underCount();
    byte[] before = pool.metadata().clone();
    CheckReport found = mend();
    assertThat(found.total(Finding.DATA_UNDER_COUNT)).isEqualTo(1);
    assertThat(found.hasOnlyLeaks()).isFalse();
    assertThat(Arrays.equals(pool.metadata(), before)).isTrue();
  }

  @Test
  void aSoundPoolIsNotWrittenTo() throws Exception {
    byte[] before = pool.metadata().clone();
    assertThat(mend().isSound()).isTrue();
    assertThat(Arrays.equals(pool.metadata(), before)).isTrue();
  }
}
