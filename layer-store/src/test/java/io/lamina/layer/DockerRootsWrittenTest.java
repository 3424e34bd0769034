package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.Id;
import io.lamina.images.Await;
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
  void aDaemonsCommandLineNamesItsRoot() {
    assertThat(DockerDaemon.rootOf(List.of("/usr/bin/dockerd", "--data-root", "/d")))
        .isEqualTo("/d");
    assertThat(DockerDaemon.rootOf(List.of("dockerd", "--data-root=/d"))).isEqualTo("/d");
    assertThat(DockerDaemon.rootOf(List.of("docker", "daemon", "-g", "/d"))).isEqualTo("/d");
    assertThat(DockerDaemon.rootOf(List.of("dockerd"))).isEqualTo("/var/lib/docker");
    assertThat(DockerDaemon.rootOf(List.of("docker", "ps", "-g", "/d"))).isNull();
    assertThat(DockerDaemon.rootOf(List.of("cat", "/d"))).isNull();
  }

  private static void refuseWhile(Path root, String... command) throws Exception {
    Process daemon = new ProcessBuilder(command).start();
    try {
      Path commandLine = Path.of("/proc/" + daemon.pid() + "/cmdline");
      Await.until("a dockerd", () -> Files.readString(commandLine).startsWith("dockerd"));
      assertThatThrownBy(() -> DockerDaemon.refuse(root))
          .hasMessageEndingWith(": docker is running on it, as process " + daemon.pid());
    } finally {
      daemon.destroyForcibly().waitFor();
    }
    DockerDaemon.refuse(root);
  }

  @Test
  void aRootOfARunningDaemonIsRefused() throws Exception {
    Path root = Files.createDirectories(scratch.resolve("docker"));
    Path database = Files.createFile(root.resolve("metadata.db"));
    Path other = Files.createSymbolicLink(scratch.resolve("link"), root);
    String dockerd = "exec -a dockerd sleep 60";
    refuseWhile(root, "bash", "-c", "exec -a dockerd sh -c 'read x' --data-root=" + other);
    refuseWhile(other, "bash", "-c", dockerd + " 3<" + database); // told where in daemon.json
    refuseWhile(root, "bash", "-c", dockerd + " 3<" + database);
  }

  @Test
  void aRootOfAnotherDriverIsRefusedByName() throws IOException {
    Path root = Files.createDirectories(scratch.resolve("root"));
    Files.createDirectories(root.resolve("image/zfs/imagedb"));
    assertThatThrownBy(() -> WritableRoot.open(root, WriteOptions.DEFAULT))
        .hasMessageContaining("zfs");
  }
}
