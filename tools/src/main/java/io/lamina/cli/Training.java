package io.lamina.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What the launcher runs once to write the archive of classes that later starts map into memory: it
 * makes the JVM load what commands need.
 */
final class Training {
  private Training() {}

  /** Goes through the commands without doing anything. */
  public static void main(String[] args) throws IOException {
    try (PrintStream err =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8)) {
      Lamina.run(new Console(new ByteArrayOutputStream(), err, false, false), "--help");
    }
  }
}
