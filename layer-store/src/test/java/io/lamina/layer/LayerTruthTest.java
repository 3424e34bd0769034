package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.FileTree;
import io.lamina.graph.DockerStore;
import io.lamina.images.Fixture;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.layer.change.Change;
import io.lamina.layer.change.TreeComparison;
import io.lamina.layer.union.Branch;
import io.lamina.layer.union.UnionRules;
import io.lamina.layer.union.UnionTree;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import io.lamina.truth.TreeManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer, and what one sees of it and all below, is what the kernel saw. */
class LayerTruthTest {
  private record Root(DockerLayers layers, @Nullable ThinPool pool) implements AutoCloseable {
    static Root open(Fixture fixture) throws IOException {
      if (fixture.hasPool()) {
        ThinPool pool = ThinPool.open(PoolSource.find(fixture.dockerRoot()), PoolOptions.DEFAULT);
        return new Root(DockerLayers.open(DockerStore.open(fixture.dockerRoot()), pool), pool);
      }
      assumeTrue(
          System.getProperty("user.name").equals("root"),
          "only root can unpack owners and device nodes");
      return new Root(
          DockerLayers.open(DockerStore.open(fixture.dockerRootWithOwners()), null), null);
    }

    @Override
    public void close() throws IOException {
      layers.close();
      if (pool != null) {
        pool.close();
      }
    }
  }

  static Stream<Fixture> roots() {
    return Stream.of(
        Fixture.DOCKER17_AUFS,
        Fixture.DOCKER19_AUFS,
        Fixture.DOCKER_AUFS,
        Fixture.DOCKER_OVERLAY2,
        Fixture.DOCKER_DEVICEMAPPER,
        Fixture.DOCKER19_DEVICEMAPPER);
  }

  static List<Arguments> containers() {
    List<Arguments> containers = new ArrayList<>();
    roots()
        .forEach(
            root -> {
              for (String name : List.of("c1", "c2", "c3-never-started", "c4")) {
                containers.add(Arguments.of(root, name));
              }
            });
    return containers;
  }

  @ParameterizedTest
  @MethodSource("containers")
  void changesAreThoseThatDockerDiffTold(Fixture fixture, String container) throws IOException {
    List<String> truth =
        new ArrayList<>(Files.readAllLines(fixture.docker("diff-" + container + ".txt")));
    try (Root root = Root.open(fixture)) {
      List<String> told = new ArrayList<>();
      for (Change change : root.layers.changes(root.layers.find(container))) {
        told.add(change.kind().letter() + " " + change.path());
      }
      if (fixture == Fixture.DOCKER17_AUFS) {
        told.remove("C /.wh..wh.plnk"); // docker 1.7 took no directory for changed with its content
      }
      if (fixture.label().endsWith("aufs")) {
        assertThat(told).isEqualTo(truth);
      } else {
        assertThat(told).containsExactlyInAnyOrderElementsOf(truth);
      }
    }
  }

  /** The driver's name of each layer, with what it is shown as. */
  private static Map<String, String> shownAs(DockerLayers layers) throws IOException {
    Map<String, String> shown = new HashMap<>();
    for (String id : layers.ids()) {
      layers.stack(id).top().ifPresent(layer -> shown.putIfAbsent(layer.driverId(), layer.id()));
    }
    return shown;
  }

  /** What unpacking keeps, and a read-only view shows. */
  private static boolean isStored(ManifestEntry entry, ManifestField field) {
    return switch (field) {
      case INODE, ACCESS_TIME, CHANGE_TIME, SECTORS, FLAGS, LINK_COUNT -> false;
      case SIZE -> entry.type() != 'd';
      default -> true;
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER17_AUFS", "DOCKER19_AUFS", "DOCKER_AUFS", "DOCKER_OVERLAY2"})
  void eachLayerIsAsItIsStored(Fixture fixture) throws IOException {
    compare(fixture, "layerdiff-", DockerLayers::diff);
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER17_AUFS", "DOCKER19_AUFS", "DOCKER_AUFS", "DOCKER_OVERLAY2"})
  void eachUnionIsAsTheKernelShowedIt(Fixture fixture) throws IOException {
    compare(fixture, "merged-", DockerLayers::merged);
  }

  private interface View {
    FileTree of(DockerLayers layers, LayerStack stack) throws IOException;
  }

  private static void compare(Fixture fixture, String prefix, View view) throws IOException {
    try (Root root = Root.open(fixture);
        var files = Files.newDirectoryStream(fixture.file("truth"), prefix + "*.jsonl")) {
      Map<String, String> shown = shownAs(root.layers);
      int count = 0;
      for (Path file : files) {
        String driverId =
            file.getFileName().toString().replace(prefix, "").replace(".manifest.jsonl", "");
        String id = shown.get(driverId);
        assertThat(id).as(driverId).isNotNull();
        FileTree tree = view.of(root.layers, root.layers.stack(String.valueOf(id)));
        List<String> differences =
            Manifest.read(file).differences(TreeManifest.of(tree.root()), LayerTruthTest::isStored);
        assertThat(differences).as(driverId).isEmpty();
        count++;
      }
      assertThat(count).isGreaterThan(10);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_DEVICEMAPPER", "DOCKER19_DEVICEMAPPER"})
  void devicesShowWhatLiesBelowTheirRoot(Fixture fixture) throws IOException {
    try (Root root = Root.open(fixture)) {
      Map<String, String> shown = shownAs(root.layers);
      int count = 0;
      for (var device : fixture.truth().devices()) {
        String id = shown.get(device.name());
        if (id == null) {
          assertThat(device.name()).isEqualTo("base");
          continue;
        } else if (device.id() % DEVICE_STEP != 0) {
          continue;
        }
        List<ManifestEntry> below = new ArrayList<>();
        for (ManifestEntry entry : device.manifest().entries().values()) {
          if (entry.path().equals("/rootfs")) {
            below.add(entry.withPath("/"));
          } else if (entry.path().startsWith("/rootfs/")) {
            below.add(entry.withPath(entry.path().substring("/rootfs".length())));
          }
        }
        FileTree tree = root.layers.merged(root.layers.stack(id));
        assertThat(Manifest.of(below).differences(TreeManifest.of(tree.root())))
            .as(device.name())
            .isEmpty();
        count++;
      }
      assertThat(count).isPositive();
    }
  }

  /** Devices of one root resemble each other: a few tell. */
  private static final int DEVICE_STEP = Boolean.getBoolean("lamina.all") ? 1 : 4;

  /** Blocks that two devices share are not looked at, and nothing is missed. */
  @ParameterizedTest
  @EnumSource(names = {"DOCKER_DEVICEMAPPER", "DOCKER19_DEVICEMAPPER"})
  void mappingsTellTheSameChangesAsComparingAllFiles(Fixture fixture) throws IOException {
    try (Root root = Root.open(fixture)) {
      for (String id : root.layers.ids()) {
        LayerStack stack = root.layers.stack(id);
        if (!stack.below().isEmpty()) {
          assertThat(root.layers.changes(stack))
              .as(id)
              .isEqualTo(
                  TreeComparison.changes(
                      root.layers.merged(stack.parent()).root(), root.layers.merged(stack).root()));
        }
      }
    }
  }

  /** What a computed layer adds to the one below makes the one above again. */
  @ParameterizedTest
  @EnumSource(names = {"DOCKER_DEVICEMAPPER", "DOCKER19_DEVICEMAPPER"})
  void aComputedLayerOverTheOneBelowIsTheDevice(Fixture fixture) throws IOException {
    try (Root root = Root.open(fixture)) {
      List<String> ids = root.layers.ids();
      for (int i = 0; i < ids.size(); i += DEVICE_STEP) {
        String id = ids.get(i);
        LayerStack stack = root.layers.stack(id);
        if (stack.below().isEmpty()) {
          continue;
        }
        FileTree below = root.layers.merged(stack.parent());
        try (FileTree union =
            UnionTree.of(
                List.of(Branch.lower(root.layers.diff(stack)), Branch.lower(below)),
                UnionRules.AUFS)) {
          Manifest device = TreeManifest.of(root.layers.merged(stack).root());
          assertThat(device.differences(TreeManifest.of(union.root()), LayerTruthTest::isStored))
              .as(id)
              .isEmpty();
        }
      }
    }
  }
}
