package io.lamina.fuse.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.fs.Name;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class SurplusNamesTest {
  private static final int HEADER_BYTES = 16;

  private final SurplusNames names = new SurplusNames(100);

  private void add(int from, int to) {
    for (int i = from; i < to; i++) {
      names.add(i, Name.of("name" + i));
    }
  }

  @Test
  void theOldestAreTakenBackOnceABatchOfThemIsThere() {
    add(0, 355);
    assertThat(names.isDue()).isFalse();
    add(355, 356);
    assertThat(names.isDue()).isTrue();
    assertThat(names.isDue()).as("said once").isFalse();
    List<ByteBuffer> notices = names.takeOld();
    assertThat(notices).hasSize(256);
    assertThat(notices.get(0).getLong(HEADER_BYTES)).isEqualTo(0);
    assertThat(notices.get(255).getLong(HEADER_BYTES)).isEqualTo(255);
    assertThat(names.takeOld()).isEmpty();
    add(356, 612);
    assertThat(names.isDue()).isTrue();
  }

  @Test
  void whatNobodyTakesDoesNotGrow() {
    add(0, 200_000);
    assertThat(names.takeOld()).hasSizeLessThan(70_000);
  }
}
