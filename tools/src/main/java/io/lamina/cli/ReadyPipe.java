package io.lamina.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where the launcher waits for one line: that the mount is there, or why not. */
final class ReadyPipe {
  private static final String VARIABLE = "LAMINA_READY";

  private final @Nullable String path;

  private ReadyPipe(@Nullable String path) {
    this.path = path;
  }

  /** The pipe that the environment names, if it does. */
  static ReadyPipe ofEnvironment() {
    return new ReadyPipe(System.getenv(VARIABLE));
  }

  /** Whether somebody waits. */
  boolean isThere() {
    return path != null;
  }

  void ready() throws IOException {
    write("ready");
  }

  /** Something to know, before or after which the mount is there. */
  void note(String message) throws IOException {
    write("note " + message.replace('\n', ' '));
  }

  void failed(String message) throws IOException {
    write("error " + message.replace('\n', ' '));
  }

  private void write(String line) throws IOException {
    if (path != null) {
      Files.writeString(
          Path.of(path), line + "\n", StandardCharsets.UTF_8, StandardOpenOption.WRITE);
    }
  }
}
