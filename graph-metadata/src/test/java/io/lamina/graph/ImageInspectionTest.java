package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that others than docker made, whose records say only what there is to say. */
class ImageInspectionTest {
  @TempDir Path root;

  private Map<String, @Nullable Object> inspected(String record) throws IOException {
    byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
    Id id = Id.digestOf(bytes);
    Path content = root.resolve("image/aufs/imagedb/content/sha256");
    Files.createDirectories(content);
    Files.write(content.resolve(id.hex()), bytes);
    DockerStore store = DockerStore.open(root);
    return store.inspect(store.image(id));
  }

  @Test
  void aConfigHasAllFieldsThatDockerKnows() throws IOException {
    Map<String, @Nullable Object> said =
        inspected("{\"config\":{\"Cmd\":[\"sh\"]},\"rootfs\":{\"type\":\"layers\"}}");
    assertThat(said.get("Config"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("Cmd", List.of("sh"))
        .containsEntry("User", "")
        .containsEntry("Labels", null);
    assertThat(said.get("ContainerConfig"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsEntry("Hostname", "")
        .containsEntry("Cmd", null);
  }

  @Test
  void whereThereIsNoConfigThereIsNone() throws IOException {
    assertThat(inspected("{\"rootfs\":{\"type\":\"layers\"}}")).containsEntry("Config", null);
  }
}
