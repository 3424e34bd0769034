package io.lamina.ext4;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs the tools of e2fsprogs, and the host's others. */
public final class Tools {
  private static final List<String> DIRECTORIES =
      List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin");

  private Tools() {}

  /** Skips the test, with a reason, where one of the tools is not installed. */
  public static void require(String... tools) {
    for (String tool : tools) {
      assumeTrue(find(tool) != null, tool + " is not installed");
    }
  }

  /** Whether a tool is installed. */
  static boolean isThere(String tool) {
    return find(tool) != null;
  }

  /** Runs a tool; its exit code must be one of those that {@code maxExitCode} allows. */
  public static String run(int maxExitCode, String input, String tool, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(find(tool)));
    command.addAll(Arrays.asList(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    try {
      if (process.waitFor() > maxExitCode) {
        throw new IOException(command + " ended with " + process.exitValue() + ":\n" + output);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return output;
  }

  /** Skips the test, with a reason, unless it runs as root. */
  public static void requireRoot() throws IOException {
    boolean isRoot = run(0, "", "id", "-u").trim().equals("0");
    assumeTrue(isRoot, "only root may mount");
  }

  private static String find(String tool) {
    return DIRECTORIES.stream()
        .map(directory -> Path.of(directory, tool))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse(null);
  }
}
