package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.XattrMode;
import io.lamina.fs.host.CopyListener;
import io.lamina.fs.host.HostCopy;
import io.lamina.fs.host.HostTree;
import io.lamina.graph.ContainerLayers;
import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.images.Fixture;
import io.lamina.layer.image.ImageProgress;
import io.lamina.layer.image.ImageSave;
import io.lamina.layer.image.NamedImage;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The root of docker 20.10, with its layers laid out as other drivers of docker's do. */
class OtherDriversTest {
  private static final byte[] YES = {'y'};

  private static @TempDir Path roots;

  private @TempDir Path scratch;

  /** Made once, to be read. */
  private static Path root(String driver) throws Exception {
    StoreTools.requireRootAndMkfs();
    Path from = Fixture.DOCKER_OVERLAY2.dockerRootWithOwners();
    Path root = roots.resolve(driver);
    if (Files.exists(root)) {
      return root;
    }
    copy(from.resolve("image/overlay2"), Files.createDirectories(root.resolve("image")), driver);
    copy(from.resolve("containers"), root, "containers");
    for (Path container : list(root.resolve("containers"))) {
      Path config = container.resolve("config.v2.json");
      String record = Files.readString(config);
      Files.writeString(
          config, record.replace("\"Driver\":\"overlay2\"", "\"Driver\":\"" + driver + "\""));
    }
    try (DockerLayers layers = DockerLayers.open(DockerStore.open(from), null)) {
      for (String id : layers.ids()) {
        lay(root, driver, layers, layers.stack(id));
      }
    }
    return root;
  }

  private static void copy(Path from, Path directory, String name) throws Exception {
    Process copying =
        new ProcessBuilder("cp", "-aT", from.toString(), directory.resolve(name).toString())
            .start();
    assertThat(copying.waitFor()).isZero();
  }

  private static List<Path> list(Path directory) throws IOException {
    try (var entries = Files.list(directory)) {
      return entries.toList();
    }
  }

  private static void lay(Path root, String driver, DockerLayers layers, LayerStack stack)
      throws Exception {
    String id = stack.top().orElseThrow().driverId();
    Path home = root.resolve(driver);
    switch (driver) {
      case "vfs" -> whole(home.resolve("dir").resolve(id), layers.merged(stack));
      case "btrfs" -> whole(home.resolve("subvolumes").resolve(id), layers.merged(stack));
      default -> {
        List<Layer> ofContainer =
            stack.layers().stream().filter(layer -> !layer.id().equals(layer.driverId())).toList();
        if (ofContainer.isEmpty()) {
          whole(home.resolve(id).resolve("root"), layers.merged(stack));
        } else {
          upper(home.resolve(id), layers, stack, ofContainer);
        }
      }
    }
  }

  private static void whole(Path to, FileTree tree) throws IOException {
    if (Files.exists(to)) {
      return; // an image's topmost layer, which is listed by its own name, too
    }
    Files.createDirectories(to);
    try (HostCopy copy = new HostCopy(true, true, NOTHING_FAILS)) {
      copy.copyInto(tree.root(), Name.of(to.toString()));
    }
  }

  /** As overlay lays a container's files: over those of its {@code -init} layer. */
  private static void upper(Path to, DockerLayers layers, LayerStack stack, List<Layer> own)
      throws Exception {
    Path from = layers.store().root().resolve("overlay2");
    Files.createDirectories(to.resolve("work"));
    Files.writeString(to.resolve("lower-id"), stack.layers().get(own.size()).driverId());
    for (int i = own.size() - 1; i >= 0; i--) {
      copy(from.resolve(own.get(i).driverId()).resolve("diff"), to, "upper");
    }
  }

  private static final CopyListener NOTHING_FAILS =
      new CopyListener() {
        @Override
        public void copied(long byteCount) {}

        @Override
        public void made() {}

        @Override
        public void failed(String hostPath, IOException problem) {
          throw new AssertionError(hostPath, problem);
        }
      };

  @ParameterizedTest
  @ValueSource(strings = {"vfs", "overlay"})
  void changesAreThoseThatDockerDiffTold(String driver) throws Exception {
    try (DockerLayers layers = DockerLayers.open(DockerStore.open(root(driver)), null)) {
      for (String container : List.of("c1", "c2", "c3-never-started", "c4")) {
        List<String> told =
            layers.changes(layers.find(container)).stream()
                .map(change -> change.kind().letter() + " " + change.path())
                .toList();
        assertThat(told)
            .as(container)
            .hasSameElementsAs(
                Files.readAllLines(Fixture.DOCKER_OVERLAY2.docker("diff-" + container + ".txt")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vfs", "btrfs", "overlay"})
  void everyLayerLooksAsWithOverlay2(String driver) throws Exception {
    Path from = Fixture.DOCKER_OVERLAY2.dockerRootWithOwners();
    try (DockerLayers layers = DockerLayers.open(DockerStore.open(root(driver)), null);
        DockerLayers others = DockerLayers.open(DockerStore.open(from), null)) {
      assertThat(layers.ids()).isEqualTo(others.ids());
      for (String id : others.ids()) {
        assertThat(SeenTree.of(layers.merged(layers.stack(id))))
            .as(id)
            .isEqualTo(SeenTree.of(others.merged(others.stack(id))));
        assertThat(layers.size(layers.stack(id)).uniqueBytes()).isNotNegative();
      }
    }
  }

  @Test
  void theTarsOfLayersHaveTheirDigests() throws Exception {
    DockerStore store = DockerStore.open(root("overlay"));
    try (DockerLayers layers = DockerLayers.open(store, null)) {
      List<NamedImage> images = NamedImage.find(store, List.of("app:committed"));
      ImageSave.of(layers, images, ImageProgress.NONE).writeTo(OutputStream.nullOutputStream());
    }
  }

  @Test
  void rootlessDockersMarksAreTheUsersOwn() throws Exception {
    StoreTools.requireRootAndMkfs();
    Path root = scratch.resolve("docker");
    copy(Fixture.DOCKER_OVERLAY2.dockerRootWithOwners(), scratch, "docker");
    DockerStore store = DockerStore.open(root);
    String own = store.containerLayers(store.findContainer("c1")).driverId();
    try (HostTree tree = HostTree.open(root.resolve("overlay2").resolve(own), true)) {
      node(tree, "diff", "etc").setXattr(Name.of("user.overlay.opaque"), YES, XattrMode.ANY);
    }
    assertThat(etc(store)).hasSizeGreaterThan(1);
    Files.setAttribute(root.resolve("overlay2"), "unix:uid", 1000);
    assertThat(etc(store)).containsExactly("passwd");
    assertThatThrownBy(() -> WritableRoot.open(root, WriteOptions.DEFAULT))
        .hasMessageEndingWith("that ran as an ordinary user (rootless) are not written");
  }

  private static Node node(FileTree tree, String... path) throws IOException {
    Node node = tree.root();
    for (String name : path) {
      node = Objects.requireNonNull(node.child(Name.of(name)));
    }
    return node;
  }

  /** What the container c1 has in that directory. */
  private static List<String> etc(DockerStore store) throws IOException {
    List<String> names = new ArrayList<>();
    try (DockerLayers layers = DockerLayers.open(store, null)) {
      node(layers.merged(layers.find("c1")), "etc")
          .list(0, (name, inodeNr, type, next) -> names.add(name.latin1()));
    }
    return names;
  }

  @Test
  void anotherDriversLayersAreNotWritten() throws Exception {
    Files.createDirectories(scratch.resolve("image/vfs/imagedb"));
    assertThatThrownBy(() -> WritableRoot.open(scratch, WriteOptions.DEFAULT))
        .hasMessageEndingWith(
            "layers of the storage driver vfs are not written; those of aufs, devicemapper and"
                + " overlay2 are");
  }

  @Test
  void aDriverWhoseLayersAreNotReadIsNamed() throws Exception {
    Files.createDirectories(scratch.resolve("image/zfs/imagedb"));
    DockerStore store = DockerStore.open(scratch);
    assertThatThrownBy(() -> DockerLayers.open(store, null))
        .hasMessageEndingWith(
            "layers of the storage driver zfs are not read; those of aufs, btrfs, devicemapper,"
                + " overlay, overlay2 and vfs are");
  }

  @Test
  void aLowerLayerIsNoPath() throws Exception {
    Path root = scratch.resolve("docker");
    copy(root("overlay"), scratch, "docker");
    DockerStore store = DockerStore.open(root);
    Id container = store.findContainer("c1");
    ContainerLayers own = store.containerLayers(container);
    Files.writeString(
        root.resolve("overlay").resolve(own.driverId()).resolve("lower-id"), "../../../etc");
    try (DockerLayers layers = DockerLayers.open(store, null)) {
      assertThatThrownBy(() -> layers.merged(layers.find("c1")))
          .hasMessageContaining("directory of layer ../../../etc");
      assertThat(Set.copyOf(layers.ids())).contains(container.hex());
    }
  }

  @Test
  void theRootOfRemappedUsersIsNotWritten() throws Exception {
    Path remapped = scratch.resolve("231072.231072");
    Files.createDirectories(remapped.resolve("image/overlay2/imagedb"));
    assertThatThrownBy(() -> WritableRoot.open(remapped, WriteOptions.DEFAULT))
        .hasMessageEndingWith("the docker root of remapped users (userns-remap) is not written");
  }
}
