package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** thin-provisioning-tools, where this machine has them. */
final class ThinTools {
  private ThinTools() {}

  static boolean present() {
    return Files.isExecutable(Path.of("/usr/sbin/thin_check"));
  }

  static void assumePresent() {
    assumeTrue(present(), "thin-provisioning-tools are not installed");
  }

  /** What {@code thin_check} has no complaint about. */
  static void check(Path metadata) throws IOException, InterruptedException {
    if (present()) {
      run("/usr/sbin/thin_check", metadata.toString());
    }
  }

  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + "\n" + output).isZero();
    return output;
  }
}
