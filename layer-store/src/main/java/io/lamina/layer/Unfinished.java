package io.lamina.layer;

import io.lamina.graph.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The layers of a storage driver that no image and no container has yet, by name: what is found
 * here at an opening was being made when the power was cut, and goes. A name is noted before the
 * layer is made, and struck out after the image or the container that has it. A snapshot that is
 * taken to be read stands here, too, until it is removed.
 */
final class Unfinished {
  private static final String PERMISSIONS = "rw-------";

  private final Path directory;

  Unfinished(Path home) throws IOException {
    this.directory = Files.createDirectories(home.resolve("unfinished"));
  }

  void note(String driverId) throws IOException {
    DurableFile.write(directory.resolve(driverId), new byte[0], PERMISSIONS);
  }

  void strike(String driverId) throws IOException {
    Files.deleteIfExists(directory.resolve(driverId));
  }

  /** All that are noted. */
  List<String> all() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .sorted()
          .toList();
    }
  }
}
