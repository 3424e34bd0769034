package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ConflictException;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.ContainerRecord;
import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.NotFoundException;
import io.lamina.graph.Reference;
import io.lamina.layer.change.Change;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContainersTest {
  private static final CommittedImage.Commit PLAIN =
      new CommittedImage.Commit(null, null, List.of());
  private static final Owner ROOT = new Owner(0, 0);

  private @TempDir Path scratch;

  private WritableRoot store(NewStore.Kind kind) throws IOException {
    StoreTools.requireRootAndMkfs();
    Path root = scratch.resolve("store");
    NewStore.create(root, kind, new NewStore.Sizes(256 << 20, 64 << 20));
    WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT);
    StoredLayer lower =
        opened.addLayer(
            null, tar("etc/hosts", "of the image", "etc/keep", "k", "bin/sh", "#!"), null);
    StoredLayer upper = opened.addLayer(lower, tar("srv/data", "d", "etc/old", "o"), null);
    Id image = opened.addImage(StoreTools.config(lower, upper), upper, null);
    opened.tag(Reference.parse("app:1"), image);
    return opened;
  }

  private ByteArrayInputStream tar(String... namesAndContents) throws IOException {
    return new ByteArrayInputStream(StoreTools.tar(scratch, List.of(namesAndContents)));
  }

  private static Node at(FileTree tree, String path) throws IOException {
    Node node = tree.root();
    for (String name : path.split("/", -1)) {
      node = Objects.requireNonNull(node.child(Name.of(name)), path);
    }
    return node;
  }

  private static void write(Node directory, String name, String text) throws IOException {
    Node there = directory.child(Name.of(name));
    Node file =
        there == null ? directory.create(Name.of(name), NewFile.regular(0644, ROOT)) : there;
    try (WritableFile open = file.openForWriting()) {
      open.write(0, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static List<String> diff(WritableRoot root, String container) throws IOException {
    List<Change> changes = root.layers().changes(root.layers().find(container));
    return changes.stream()
        .map(change -> change.kind().letter() + " " + change.path())
        .filter(line -> !line.contains("/.wh..wh."))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void aContainerHasDockersEmptyFilesAndNoChangesYet(NewStore.Kind kind) throws Exception {
    try (WritableRoot root = store(kind)) {
      Id id = root.createContainer("app:1", "web", ContainerOptions.NONE);
      FileTree tree = root.layers().merged(root.layers().find("web"));
      assertThat(StoreTools.read(tree, "etc/hosts")).isEmpty();
      assertThat(StoreTools.read(tree, "etc/keep")).isEqualTo("k");
      assertThat(at(tree, "etc/mtab").readLink()).isEqualTo(Name.of("/proc/mounts"));
      assertThat(at(tree, "dev/shm").attributes().isDirectory()).isTrue();
      assertThat(diff(root, "web")).isEmpty();
      ContainerRecord record = root.store().container(id);
      assertThat(record.name()).isEqualTo("web");
      assertThat(record.path()).isEqualTo("/bin/sh");
      assertThat(record.state().word()).isEqualTo("created");
      assertThat(record.image()).isEqualTo(root.store().findImage("app:1"));
    }
    check(kind);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasWrittenIsToldAndCommittedAndTheImageHasIt(NewStore.Kind kind) throws Exception {
    try (WritableRoot root = store(kind)) {
      root.createContainer("app:1", "web", ContainerOptions.NONE);
      try (FileTree tree = root.openContainer("web")) {
        write(at(tree, "srv"), "data", "D");
        write(at(tree, "srv"), "new", "n");
        at(tree, "etc").unlink(Name.of("old"));
        tree.sync();
      }
      assertThat(diff(root, "web"))
          .containsExactly("C /etc", "D /etc/old", "C /srv", "C /srv/data", "A /srv/new");
      Id image =
          root.commit("web", new CommittedImage.Commit("me", "why", List.of("ENV A=1", "CMD x y")));
      ImageRecord record = root.store().image(image);
      assertThat(record.layers()).hasSize(3);
      assertThat(record.parent()).isEqualTo(root.store().findImage("app:1"));
      assertThat(record.json().object("config").texts("Env")).containsExactly("PATH=/bin", "A=1");
      assertThat(record.json().object("config").texts("Cmd"))
          .containsExactly("/bin/sh", "-c", "x y");
      assertThat(root.store().history(record).get(0).comment()).isEqualTo("why");
      FileTree tree = root.layers().merged(root.layers().stack(image.hex()));
      assertThat(StoreTools.read(tree, "srv/new")).isEqualTo("n");
      assertThat(StoreTools.read(tree, "srv/data")).isEqualTo("D");
      assertThat(StoreTools.read(tree, "etc/hosts")).isEqualTo("of the image");
      assertThat(at(tree, "etc").child(Name.of("old"))).isNull();
    }
    check(kind);
  }

  /** Docker's diff passes over these; a tar of what the container has stored does not. */
  @ParameterizedTest
  @EnumSource
  void aCommitHasWhatIsNotTold(NewStore.Kind kind) throws Exception {
    Name xattr = Name.of("user.x");
    try (WritableRoot root = store(kind)) {
      root.createContainer("app:1", "web", ContainerOptions.NONE);
      try (FileTree tree = root.openContainer("web")) {
        at(tree, "srv").change(AttributeChange.NONE.withOwner(new Owner(3, 4)));
        at(tree, "bin").setXattr(xattr, new byte[] {1}, XattrMode.ANY);
        at(tree, "etc/keep").setXattr(xattr, new byte[] {2}, XattrMode.ANY);
        tree.sync();
      }
      Id image = root.commit("web", PLAIN);
      FileTree tree = root.layers().merged(root.layers().stack(image.hex()));
      assertThat(at(tree, "srv").attributes().userId()).isEqualTo(3);
      assertThat(at(tree, "srv").attributes().groupId()).isEqualTo(4);
      assertThat(at(tree, "bin").xattr(xattr)).containsExactly(1);
      assertThat(at(tree, "etc/keep").xattr(xattr)).containsExactly(2);
      assertThat(StoreTools.read(tree, "etc/keep")).isEqualTo("k");
    }
    check(kind);
  }

  /** By aufs' rules a file between directories does not keep them apart. */
  @ParameterizedTest
  @EnumSource
  void aDirectoryThatWasMadeAnewIsEmptyInTheImageToo(NewStore.Kind kind) throws Exception {
    try (WritableRoot root = store(kind)) {
      StoredLayer top = root.topOf(root.store().findImage("app:1")).orElseThrow();
      StoredLayer directory = root.addLayer(top, tar("x/in", "1"), null);
      StoredLayer file = root.addLayer(directory, tar("x", "2"), null);
      byte[] config = StoreTools.config(lowest(root, top), top, directory, file);
      root.tag(Reference.parse("app:2"), root.addImage(config, file, null));
      root.createContainer("app:2", "web", ContainerOptions.NONE);
      try (FileTree tree = root.openContainer("web")) {
        tree.root().unlink(Name.of("x"));
        tree.root().create(Name.of("x"), NewFile.directory(0755, ROOT));
        tree.sync();
      }
      Id image = root.commit("web", PLAIN);
      FileTree tree = root.layers().merged(root.layers().stack(image.hex()));
      assertThat(at(tree, "x").child(Name.of("in"))).isNull();
    }
    check(kind);
  }

  private static StoredLayer lowest(WritableRoot root, StoredLayer top) throws IOException {
    Id below = Objects.requireNonNull(top.record().parent());
    return root.store().layers().stream()
        .filter(layer -> layer.id().equals(below))
        .map(StoredLayer::new)
        .findAny()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void aCommitThatFailsLeavesNothing(NewStore.Kind kind) throws Exception {
    CommittedImage.Commit wrong = new CommittedImage.Commit(null, null, List.of("FROM x"));
    try (WritableRoot root = store(kind)) {
      root.createContainer("app:1", "web", ContainerOptions.NONE);
      try (FileTree tree = root.openContainer("web")) {
        write(at(tree, "srv"), "new", "n");
        tree.sync();
      }
      PoolVolumes pool = root.volumes().orElseThrow();
      Set<Integer> volumes = Set.copyOf(pool.pool().volumeIds());
      assertThatThrownBy(() -> root.commit("web", wrong)).hasMessageContaining("FROM");
      assertThat(pool.pool().volumeIds()).containsExactlyInAnyOrderElementsOf(volumes);
      assertThat(root.store().layers()).hasSize(3); // two, and the image's own
    }
    check(kind);
  }

  @ParameterizedTest
  @EnumSource
  void aCommitWithoutChangesMakesNoLayer(NewStore.Kind kind) throws Exception {
    try (WritableRoot root = store(kind)) {
      root.createContainer("app:1", null, ContainerOptions.NONE);
      String name = root.store().container(root.store().containerIds().get(0)).name();
      Id image = root.commit(name, PLAIN);
      assertThat(root.store().image(image).layers()).hasSize(2);
      assertThat(root.store().layers()).hasSize(4); // two, and each image's own
    }
    check(kind);
  }

  @ParameterizedTest
  @EnumSource
  void removingTellsWhatWentAndLeavesNothing(NewStore.Kind kind) throws Exception {
    Path root = scratch.resolve("store");
    try (WritableRoot opened = store(kind)) {
      Id image = opened.store().findImage("app:1");
      Id container = opened.createContainer("app:1", "web", ContainerOptions.NONE);
      opened.tag(Reference.parse("other"), image);
      assertThat(opened.removeImage("other", false, false))
          .containsExactly("Untagged: other:latest");
      assertThatThrownBy(() -> opened.removeImage("app:1", false, false))
          .isInstanceOf(ConflictException.class)
          .hasMessage(
              "conflict: unable to remove repository reference \"app:1\" (must force) - container "
                  + container.truncated()
                  + " is using its referenced image "
                  + image.truncated());
      opened.removeContainer("web", false);
      assertThatThrownBy(() -> opened.removeContainer("web", false))
          .isInstanceOf(NotFoundException.class)
          .hasMessage("No such container: web");
      List<String> told = opened.removeImage("app:1", false, false);
      assertThat(told).hasSize(4).startsWith("Untagged: app:1", "Deleted: " + image);
    }
    DockerStore store = DockerStore.open(root);
    assertThat(store.layers()).isEmpty();
    assertThat(store.containerIds()).isEmpty();
    if (kind == NewStore.Kind.THIN) {
      assertThat(StoreTools.volumes(root)).containsExactly("base");
    }
    try (var left = Files.list(root.resolve("lamina/unfinished"))) {
      assertThat(left).isEmpty();
    }
    check(kind);
  }

  @ParameterizedTest
  @EnumSource
  void aNameIsOneContainersOnly(NewStore.Kind kind) throws Exception {
    try (WritableRoot root = store(kind)) {
      Id id = root.createContainer("app:1", "web", ContainerOptions.NONE);
      assertThatThrownBy(() -> root.createContainer("app:1", "web", ContainerOptions.NONE))
          .isInstanceOf(ConflictException.class)
          .hasMessageStartingWith(
              "Conflict. The container name \"/web\" is already in use by container \"" + id);
      assertThat(root.store().containerIds()).containsExactly(id);
      assertThatThrownBy(() -> root.createContainer("app:1", "a/b", ContainerOptions.NONE))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("Invalid container name (a/b)");
    }
  }

  private void check(NewStore.Kind kind) throws Exception {
    StoreTools.checkPool(scratch.resolve("store"), kind);
  }
}
