package io.lamina.ext4;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes volumes with the tools of e2fsprogs, and asks them. */
public final class E2fsprogs {
  private static final List<String> DIRECTORIES =
      List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin");

  private E2fsprogs() {}

  /** Skips the test, with a reason, where a tool is not installed. */
  static void require(String... tools) {
    for (String tool : tools) {
      assumeTrue(find(tool).isPresent(), tool + " is not installed");
    }
  }

  /**
   * Makes a volume in a new file.
   *
   * @param size as mke2fs takes it: {@code 16M}
   * @param options its options, between spaces
   */
  public static Path mke2fs(Path image, String size, String options) throws IOException {
    Files.deleteIfExists(image);
    List<String> command = new ArrayList<>(List.of("mke2fs", "-q", "-F"));
    for (String option : options.split(" ", -1)) {
      if (!option.isEmpty()) {
        command.add(option);
      }
    }
    command.add(image.toString());
    command.add(size);
    run(command, "", 0);
    return image;
  }

  /** Runs commands of debugfs, one a line, on a volume that they may change. */
  static String debugfs(Path image, String commands) throws IOException {
    return run(List.of("debugfs", "-w", "-f", "-", image.toString()), commands, 0);
  }

  /** Runs a tool; its exit code must be at most the given one. */
  static String run(List<String> command, String input, int maxExitCode) throws IOException {
    List<String> full = new ArrayList<>(command);
    full.set(0, find(command.get(0)).orElseThrow());
    ProcessBuilder builder = new ProcessBuilder(full).redirectErrorStream(true);
    builder.environment().put("TZ", "UTC");
    Process process = builder.start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    try {
      if (process.waitFor() > maxExitCode) {
        throw new IOException(full + " ended with " + process.exitValue() + ":\n" + output);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return output;
  }

  private static Optional<String> find(String tool) {
    return DIRECTORIES.stream()
        .map(directory -> Path.of(directory, tool))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }
}
