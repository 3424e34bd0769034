package io.lamina.cli;

import io.lamina.images.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TrainingTest {
  @Test
  void goesThroughAStoreAndLeavesNothing() throws Exception {
    Set<Path> before = there();
    Training.main(new String[0]); // what it does with the container throws where it cannot
    // Another process may be training, too: what is its own goes in a while.
    Await.until("nothing is left", () -> before.containsAll(there()));
  }

  private static Set<Path> there() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.toString().contains("lamina-training"))
          .collect(Collectors.toSet());
    }
  }
}
