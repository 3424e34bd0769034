package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TrainingTest {
  @Test
  void goesThroughAStoreAndLeavesNothing() throws Exception {
    long before = left();
    Training.main(new String[0]); // what it does with the container throws where it cannot
    assertThat(left()).isEqualTo(before);
  }

  private static long left() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(file -> file.toString().contains("lamina-training")).count();
    }
  }
}
