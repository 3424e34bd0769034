package io.lamina.layer.union;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lamina.images.Fixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Operations that the real aufs ran, and what they gave. */
record Scenario(String name, JsonNode script, JsonNode truth) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Scenario read(String name) throws IOException {
    Path directory = Fixture.AUFS_UNION.directory();
    return new Scenario(
        name,
        JSON.readTree(directory.resolve("scenarios/" + name + ".json").toFile()),
        JSON.readTree(directory.resolve("results/ext4/" + name + ".json").toFile()));
  }

  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(Fixture.AUFS_UNION.directory().resolve("scenarios"))) {
      return files
          .map(file -> file.getFileName().toString().replace(".json", ""))
          .sorted()
          .toList();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
