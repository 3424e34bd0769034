package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.Id;
import io.lamina.images.Fixture;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Docker's own roots, changed. */
class DockerRootsWrittenTest {
  private static final CommittedImage.Commit PLAIN =
      new CommittedImage.Commit(null, null, List.of());

  private @TempDir Path scratch;

  private Path copy(Fixture fixture) throws Exception {
    StoreTools.requireRootAndMkfs();
    Path from = fixture.hasPool() ? fixture.dockerRoot() : fixture.dockerRootWithOwners();
    Path to = scratch.resolve("root");
    Process copying =
        new ProcessBuilder("cp", "-a", "--sparse=always", from.toString(), to.toString()).start();
    assertThat(copying.waitFor()).isZero();
    return to;
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "DOCKER17_AUFS",
        "DOCKER19_DEVICEMAPPER",
        "DOCKER_AUFS",
        "DOCKER_OVERLAY2",
        "DOCKER_DEVICEMAPPER"
      })
  void aCommitHasTheFilesOfDockersOwnCommit(Fixture fixture) throws Exception {
    Path root = copy(fixture);
    try (WritableRoot opened = WritableRoot.open(root, WriteOptions.DEFAULT)) {
      DockerLayers layers = opened.layers();
      Id dockers = opened.store().findImage("app:committed");
      Id image = opened.commit("c1", PLAIN);
      assertThat(SeenTree.of(layers.merged(layers.stack(image.hex()))))
          .isEqualTo(SeenTree.of(layers.merged(layers.stack(dockers.hex()))));
      assertThat(opened.store().image(image).size())
          .isEqualTo(opened.store().image(dockers).size());
      Id container = opened.createContainer(image.hex(), "new", ContainerOptions.NONE);
      assertThat(layers.changes(layers.stack(container.hex()))).isEmpty();
      opened.removeContainer("new", false);
      opened.removeImage(image.hex(), false, false);
      assertThat(opened.store().hasImage(image)).isFalse();
      assertThat(opened.store().hasImage(dockers)).isTrue();
    }
    if (fixture.hasPool()) {
      StoreTools.checkPool(root, NewStore.Kind.THIN);
    }
  }

  @Test
  void whoseDaemonHasTheRootIsToldByItsCommandLine() throws IOException {
    Path root = Files.createDirectories(scratch.resolve("docker"));
    String real = root.toRealPath().toString();
    assertThat(DockerDaemon.isDaemonOf(real, List.of("/usr/bin/dockerd", "--data-root", real)))
        .isTrue();
    assertThat(DockerDaemon.isDaemonOf(real, List.of("dockerd", "--data-root=" + root))).isTrue();
    assertThat(DockerDaemon.isDaemonOf(real, List.of("docker", "daemon", "-g", real))).isTrue();
    assertThat(DockerDaemon.isDaemonOf(real, List.of("docker", "ps", "-g", real))).isFalse();
    assertThat(DockerDaemon.isDaemonOf(real, List.of("dockerd"))).isFalse();
    assertThat(DockerDaemon.isDaemonOf(real, List.of("cat", real))).isFalse();
  }

  @Test
  void aRootOfAnotherDriverIsRefusedByName() throws IOException {
    Path root = Files.createDirectories(scratch.resolve("root"));
    Files.createDirectories(root.resolve("image/zfs/imagedb"));
    assertThatThrownBy(() -> WritableRoot.open(root, WriteOptions.DEFAULT))
        .hasMessageContaining("zfs");
  }
}
