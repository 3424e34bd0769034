package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.graph.DockerStore;
import io.lamina.graph.HistoryEntry;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.Reference;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WritableRootTest {
  private @TempDir Path scratch;
  private Path root;

  @BeforeEach
  void makeStore() throws IOException {
    StoreTools.requireMkfs();
    root = scratch.resolve("store");
    NewStore.create(root, NewStore.Kind.THIN, new NewStore.Sizes(256 << 20, 64 << 20));
  }

  @Test
  void aNewStoreIsAnEmptyDockerRoot() throws Exception {
    DockerStore store = DockerStore.open(root);
    assertThat(store.driver()).isEqualTo("devicemapper");
    assertThat(store.isOld()).isTrue();
    assertThat(store.imageIds()).isEmpty();
    assertThat(store.containerIds()).isEmpty();
    assertThat(WritableRoot.isOwn(root)).isTrue();
    StoreTools.checkPool(root, NewStore.Kind.THIN);
  }

  @Test
  void anImageIsFoundByItsConfigsDigestAndItsName() throws Exception {
    byte[] config;
    Id id;
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      StoredLayer lower = opened.addLayer(null, tar("etc/a", "one", "gone", "x"), null);
      StoredLayer upper = opened.addLayer(lower, tar("etc/b", "two", ".wh.gone", ""), null);
      config = StoreTools.config(lower, upper);
      id = opened.addImage(config, upper, null);
      opened.tag(Reference.parse("app"), id);
      assertThat(opened.layers().find("app:latest").layers()).hasSize(2);
    }
    assertThat(id).isEqualTo(Id.digestOf(config));
    DockerStore store = DockerStore.open(root);
    assertThat(store.imageIds()).containsExactly(id);
    assertThat(store.findImage("app")).isEqualTo(id);
    ImageRecord image = store.image(id);
    assertThat(image.bytes()).isEqualTo(config);
    assertThat(image.layers()).hasSize(2);
    assertThat(store.history(image)).extracting(HistoryEntry::size).containsExactly(3L, 4L);
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      FileTree tree = opened.layers().merged(opened.layers().find("app"));
      assertThat(StoreTools.read(tree, "etc/a")).isEqualTo("one");
      assertThat(StoreTools.read(tree, "etc/b")).isEqualTo("two");
      assertThat(child(tree.root(), "gone")).isNull();
    }
    StoreTools.checkPool(root, NewStore.Kind.THIN);
  }

  private static @Nullable Node child(Node directory, String name) throws IOException {
    return directory.child(Name.of(name));
  }

  @Test
  void aLayerOfTheSameDigestOnTheSameLayersIsTakenOnce() throws Exception {
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      StoredLayer first = opened.addLayer(null, tar("a", "1"), null);
      assertThat(opened.addLayer(null, tar("a", "1"), null)).isEqualTo(first);
      assertThat(opened.findLayer(null, Id.parse("", first.record().diffId().text())))
          .contains(first);
      assertThat(opened.addLayer(first, tar("a", "1"), null)).isNotEqualTo(first);
    }
  }

  @Test
  void aLayerOfAnotherDigestLeavesNothing() throws Exception {
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      Id other = Id.digestOf(new byte[] {1});
      assertThatThrownBy(() -> opened.addLayer(null, tar("a", "1"), other))
          .isInstanceOf(ArchiveException.class)
          .hasMessageContaining("digest: expected " + other);
      assertThat(opened.store().layers()).isEmpty();
    }
    assertThat(StoreTools.volumes(root)).containsExactly("base");
    StoreTools.checkPool(root, NewStore.Kind.THIN);
  }

  @Test
  void layersThatNoImageHasGoAtTheEnd() throws Exception {
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      StoredLayer lower = opened.addLayer(null, tar("a", "1"), null);
      opened.addLayer(lower, tar("b", "1"), null);
      assertThat(StoreTools.volumes(root)).hasSize(3);
    }
    assertThat(StoreTools.volumes(root)).containsExactly("base");
    assertThat(DockerStore.open(root).layers()).isEmpty();
    StoreTools.checkPool(root, NewStore.Kind.THIN);
  }

  @Test
  void onlyOneCanHaveARoot() throws Exception {
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      assertThatThrownBy(() -> WritableRoot.open(root, WriteOptions.DEFAULT))
          .isInstanceOf(IOException.class)
          .hasMessage(root + ": another process is changing it");
      assertThat(opened.store().imageIds()).isEmpty();
    }
  }

  @Test
  void aDirectoryWithFilesIsNoPlaceForAStore() {
    assertThatThrownBy(
            () -> NewStore.create(root, NewStore.Kind.THIN, new NewStore.Sizes(1 << 20, 1 << 20)))
        .isInstanceOf(IOException.class)
        .hasMessage(root + ": is not empty");
  }

  @ParameterizedTest
  @EnumSource
  void aStoreThatCannotBeMadeLeavesNothing(NewStore.Kind kind) throws Exception {
    Path place = scratch.resolve("place");
    NewStore.Sizes tooSmall = new NewStore.Sizes(64 << 10, 64 << 10);
    assertThatThrownBy(() -> NewStore.create(place, kind, tooSmall))
        .isInstanceOf(IOException.class);
    assertThat(place).doesNotExist();
    Files.createDirectory(place);
    assertThatThrownBy(() -> NewStore.create(place, kind, tooSmall))
        .isInstanceOf(IOException.class);
    assertThat(place).isEmptyDirectory();
  }

  private ByteArrayInputStream tar(String... namesAndContents) throws IOException {
    return new ByteArrayInputStream(StoreTools.tar(scratch, List.of(namesAndContents)));
  }
}
