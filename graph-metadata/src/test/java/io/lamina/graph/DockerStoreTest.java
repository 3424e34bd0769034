package io.lamina.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lamina.images.Fixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every record of every docker root is what docker itself says of it. */
class DockerStoreTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Fixture> roots() {
    return Stream.of(
        Fixture.DOCKER17_AUFS,
        Fixture.DOCKER19_AUFS,
        Fixture.DOCKER19_DEVICEMAPPER,
        Fixture.DOCKER_AUFS,
        Fixture.DOCKER_OVERLAY2,
        Fixture.DOCKER_DEVICEMAPPER);
  }

  private static void none(String what, IOException damage) {
    throw new AssertionError(what, damage);
  }

  private static DockerStore open(Fixture fixture) throws IOException {
    return DockerStore.open(fixture.dockerRoot());
  }

  @ParameterizedTest
  @MethodSource("roots")
  void knowsItsDriverAndItsLayout(Fixture fixture) throws IOException {
    DockerStore store = open(fixture);
    assertThat(fixture.label()).endsWith(store.driver());
    assertThat(store.isOld()).isEqualTo(fixture.label().matches("docker1.*"));
  }

  @ParameterizedTest
  @MethodSource("roots")
  void saysOfImagesWhatDockerInspectSaid(Fixture fixture) throws IOException {
    DockerStore store = open(fixture);
    JsonNode truth = JSON.readTree(fixture.docker("inspect-images.json").toFile());
    List<String> ids = new ArrayList<>();
    for (JsonNode image : truth) {
      Id id = store.findImage(image.get("Id").textValue());
      ids.add(id.text());
      compare(store, image, JSON.valueToTree(store.inspect(store.image(id))));
    }
    assertThat(store.imageIds().stream().map(Id::text)).hasSameElementsAs(ids);
  }

  @ParameterizedTest
  @MethodSource("roots")
  void saysOfContainersWhatDockerInspectSaid(Fixture fixture) throws IOException {
    DockerStore store = open(fixture);
    JsonNode truth = JSON.readTree(fixture.docker("inspect-containers.json").toFile());
    assertThat(truth).hasSize(4);
    for (JsonNode container : truth) {
      String name = container.get("Name").textValue();
      Id id = store.findContainer(name);
      assertThat(id.text()).isEqualTo(container.get("Id").textValue());
      compare(store, container, JSON.valueToTree(store.inspect(store.container(id))));
    }
  }

  @ParameterizedTest
  @MethodSource("roots")
  void namesAnImagesLayersWithoutTheirRecordsAsWithThem(Fixture fixture) throws IOException {
    DockerStore store = open(fixture);
    for (Id id : store.imageIds()) {
      List<String> recorded =
          new ArrayList<>(store.image(id).layers().stream().map(LayerRecord::driverId).toList());
      Collections.reverse(recorded);
      Id top = store.stacks(DockerStoreTest::none).get(id.hex()).find();
      assertThat(top).isNotNull();
      List<String> named = new ArrayList<>(List.of(store.driverId(top)));
      named.addAll(store.driverIdsBelow(top));
      assertThat(named).isEqualTo(recorded);
    }
    List<String> names =
        new ArrayList<>(store.plainLayers().stream().map(LayerRecord::driverId).toList());
    store.imageIds().forEach(id -> names.add(id.hex()));
    assertThat(store.stacks(DockerStoreTest::none).keySet())
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @ParameterizedTest
  @MethodSource("roots")
  void namesAContainersLayersWithoutItsRecordAsWithIt(Fixture fixture) throws IOException {
    DockerStore store = open(fixture);
    for (Id id : store.containerIds()) {
      assertThat(store.containerLayers(id)).isEqualTo(store.container(id).layers());
      assertThat(store.topLayerBelow(id)).isEqualTo(store.container(id).parent());
    }
  }

  /** Docker 1.7 said less, and in other places; what both say has to agree. */
  private static void compare(DockerStore store, JsonNode truth, JsonNode said) throws IOException {
    String root = store.root().toAbsolutePath().normalize().toString();
    JsonNode there = JSON.readTree(said.toString().replace(root, "/var/lib/docker"));
    boolean isOldest = !truth.has("GraphDriver");
    for (JsonNode tree : List.of(truth, there)) {
      if (tree.path("GraphDriver").path("Data") instanceof ObjectNode data) {
        data.remove("DeviceName"); // numbers of the host it lay on
      }
      if (isOldest) {
        ((ObjectNode) tree)
            .remove(List.of("State", "Volumes", "VolumesRW", "NetworkSettings", "HostConfig"));
      }
      if (tree.get("HostConfig") instanceof ObjectNode hostConfig && store.isOld()) {
        hostConfig.remove("LogConfig"); // the daemon filled in its own default
      }
      removeMountOrder((ObjectNode) tree);
    }
    for (Map.Entry<String, JsonNode> field : truth.properties()) {
      assertThat(there.get(field.getKey())).as(field.getKey()).isEqualTo(field.getValue());
    }
    if (isOldest) {
      return;
    }
    assertThat(names(there)).hasSameElementsAs(names(truth));
    List<String> order = names(truth);
    order.retainAll(List.of("Id", "Created", "Parent", "Config", "Size", "Mounts"));
    assertThat(names(there)).containsSubsequence(order);
  }

  private static List<String> names(JsonNode tree) {
    List<String> names = new ArrayList<>();
    tree.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** Docker lists mounts in no order. */
  private static void removeMountOrder(ObjectNode tree) {
    if (tree.get("Mounts") != null) {
      ObjectNode byPlace = JSON.createObjectNode();
      for (Iterator<JsonNode> mounts = tree.get("Mounts").elements(); mounts.hasNext(); ) {
        JsonNode mount = mounts.next();
        byPlace.set(mount.get("Destination").textValue(), mount);
      }
      tree.set("Mounts", byPlace);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_AUFS", "DOCKER_OVERLAY2", "DOCKER_DEVICEMAPPER"})
  void givesTheHistoryThatDockerGave(Fixture fixture) throws IOException {
    DockerStore store = open(fixture);
    for (String name : List.of("app:1", "app:committed", "base:latest")) {
      Path file = fixture.docker("history-" + name.replace(':', '_') + ".jsonl");
      List<String> truth = new ArrayList<>();
      for (String line : Files.readAllLines(file)) {
        JsonNode step = JSON.readTree(line);
        truth.add(
            step.get("ID").textValue()
                + step.get("CreatedAt").textValue().replaceAll("Z", "")
                + step.get("CreatedBy").textValue()
                + step.get("Comment").textValue());
      }
      List<String> said = new ArrayList<>();
      for (HistoryEntry step : store.history(store.image(store.findImage(name)))) {
        said.add(
            (step.image() == null ? "<missing>" : step.image().text())
                + step.created().toString().substring(0, 19)
                + step.createdBy()
                + step.comment());
      }
      assertThat(said).as(name).isEqualTo(truth);
    }
  }

  @Test
  void anIdMayBeShortenedAsLongAsOnlyOneBeginsSo() throws IOException {
    DockerStore store = open(Fixture.DOCKER_AUFS);
    Id app = store.findImage("app:1");
    assertThat(store.findImage(app.hex())).isEqualTo(app);
    assertThat(store.findImage(app.truncated())).isEqualTo(app);
    assertThat(store.findImage("sha256:" + app.truncated())).isEqualTo(app);
    assertThat(store.findImage("docker.io/library/app:1")).isEqualTo(app);
    assertThat(store.findImage("registry.example.com/team/app:stable")).isEqualTo(app);
    assertThatThrownBy(() -> store.findImage("d"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageStartingWith("d is ambiguous, it begins the ids of 3 images: sha256:d0b0");
    assertThatThrownBy(() -> store.findImage("nothing")).hasMessage("No such image: nothing");
    assertThatThrownBy(() -> store.findImage("")).hasMessage("No such image: ");
    assertThatThrownBy(() -> store.findContainer("c9")).hasMessage("No such container: c9");
  }

  @Test
  void tagsAreThoseOfBothLayouts() throws IOException {
    for (Fixture fixture : List.of(Fixture.DOCKER17_AUFS, Fixture.DOCKER_AUFS)) {
      Map<String, Id> tags = open(fixture).tags().ids();
      assertThat(tags.keySet())
          .contains("app:1", "base:latest", "registry.example.com/team/app:stable");
    }
  }

  @Test
  void layersLieWhereTheDriverHasThem() throws IOException {
    for (Fixture fixture : List.of(Fixture.DOCKER17_AUFS, Fixture.DOCKER_AUFS)) {
      DockerStore store = open(fixture);
      for (LayerRecord layer : store.layers()) {
        assertThat(fixture.dockerRoot().resolve("aufs/diff").resolve(layer.driverId()))
            .isDirectory();
        assertThat(layer.tarSplit().isPresent()).isEqualTo(!store.isOld());
      }
    }
  }
}
