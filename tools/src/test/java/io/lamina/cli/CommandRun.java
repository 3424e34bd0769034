package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A command that was run in this process, and what it gave.
 *
 * @param out one character a byte
 */
record CommandRun(int exitCode, String out, String err) {
  /** Runs a command that has no terminal. */
  static CommandRun of(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, false, false), args);
      return new CommandRun(
          exitCode,
          out.toString(StandardCharsets.ISO_8859_1),
          err.toString(StandardCharsets.UTF_8));
    }
  }

  /** The output as the bytes it is. */
  byte[] bytes() {
    return out.getBytes(StandardCharsets.ISO_8859_1);
  }

  CommandRun requireDone() {
    assertThat(err).isEmpty();
    assertThat(exitCode).isZero();
    return this;
  }

  /** One line, and exit code 3. */
  void requireRefused(String reason) {
    assertThat(exitCode).as(err).isEqualTo(3);
    assertThat(err).startsWith("lamina: ").contains(reason).hasLineCount(1);
  }
}
