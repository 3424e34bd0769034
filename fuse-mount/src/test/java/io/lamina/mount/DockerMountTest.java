package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fuse.Fuse;
import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.images.Fixture;
import io.lamina.images.HostManifest;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.thin.PoolOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A docker root as a mount shows it. */
class DockerMountTest {
  private static Path root(Fixture fixture) throws IOException {
    if (fixture.hasPool()) {
      return fixture.dockerRoot();
    }
    assumeTrue(
        System.getProperty("user.name").equals("root"),
        "only root can unpack owners and device nodes");
    return fixture.dockerRootWithOwners();
  }

  private static boolean isTold(ManifestEntry entry, ManifestField field) {
    return switch (field) {
      case INODE, ACCESS_TIME, CHANGE_TIME, SECTORS, FLAGS, LINK_COUNT -> false;
      case SIZE -> entry.type() != 'd';
      default -> true;
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER17_AUFS", "DOCKER_AUFS", "DOCKER_OVERLAY2", "DOCKER19_DEVICEMAPPER"})
  void showsWhatDockerHasOfEachContainer(Fixture fixture) throws Exception {
    Path docker = root(fixture);
    DockerStore store = DockerStore.open(docker);
    Id container = store.findContainer("c1");
    Id image = store.findImage("app:committed");
    try (DockerRoot opened = DockerRoot.open(docker, PoolOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      Path mount = fuse.directory;
      assertThat(fuse.run("ls").split("\n"))
          .contains(
              "diff", "graph", "layers", "mnt", "repositories-" + store.driver(), "status", "tags");
      assertThat(mount.resolve("mnt/" + container + "/written-by-c1")).hasContent("written\n");
      assertThat(mount.resolve("mnt/" + container + "-init/written-by-c1")).doesNotExist();
      assertThat(mount.resolve("diff/" + container + "/written-by-c1")).hasContent("written\n");
      assertThat(mount.resolve("tags/app/committed").toRealPath())
          .isEqualTo(mount.resolve("mnt/" + image.hex()).toRealPath());
      assertThat(mount.resolve("tags/registry.example.com/team/app/stable/data/a")).isRegularFile();
      assertThat(Files.readAllBytes(mount.resolve("graph/" + image.hex() + "/json")))
          .isEqualTo(store.image(image).bytes());
      assertThat(Files.readAllLines(mount.resolve("layers/" + container)))
          .startsWith(container + "-init")
          .hasSize(opened.layers().stack(container.hex()).below().size());
      assertThat(mount.resolve("repositories-" + store.driver()))
          .hasSameBinaryContentAs(store.tags().file());
      assertThat(fuse.run("touch", "mnt/" + container + "/x")).contains("Read-only file system");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_AUFS", "DOCKER_OVERLAY2"})
  void aContainersFilesAreAsTheKernelsUnionShowedThem(Fixture fixture) throws Exception {
    Path docker = root(fixture);
    DockerStore store = DockerStore.open(docker);
    for (String name : List.of("c1", "c4")) {
      Id container = store.findContainer(name);
      String mountId = store.container(container).driverId();
      Manifest truth = Manifest.read(fixture.file("truth/merged-" + mountId + ".manifest.jsonl"));
      try (DockerRoot opened = DockerRoot.open(docker, PoolOptions.DEFAULT);
          Fuse fuse = new Fuse(opened.tree())) {
        Manifest seen = HostManifest.of(fuse.directory.resolve("mnt/" + container));
        assertThat(truth.differences(seen, DockerMountTest::isTold)).as(name).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_AUFS", "DOCKER_OVERLAY2", "DOCKER19_DEVICEMAPPER"})
  void filesOfDifferentTreesHaveDifferentNumbers(Fixture fixture) throws Exception {
    Path docker = root(fixture);
    DockerStore store = DockerStore.open(docker);
    try (DockerRoot opened = DockerRoot.open(docker, PoolOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      List<String> trees = new ArrayList<>();
      for (String name : List.of("c1", "c2", "c4")) {
        trees.add("mnt/" + store.findContainer(name));
        trees.add("diff/" + store.findContainer(name));
      }
      FileNumbers.requireDistinct(fuse, trees);
    }
  }

  @Test
  void aPoolsVolumesStandBesideTheLayersUnderTheirNames() throws Exception {
    Path docker = Fixture.DOCKER_DEVICEMAPPER.dockerRoot();
    DockerStore store = DockerStore.open(docker);
    String driverId = store.container(store.findContainer("c1")).driverId();
    try (DockerRoot opened = DockerRoot.open(docker, PoolOptions.DEFAULT);
        Fuse fuse = new Fuse(opened.tree())) {
      Path volume = fuse.directory.resolve("volumes/" + driverId + "/rootfs/written-by-c1");
      assertThat(volume).hasContent("written\n");
      assertThat(fuse.run("cat", "status")).contains("thin-pool");
      assertThat(Files.size(fuse.directory.resolve("devices/" + driverId))).isEqualTo(1L << 30);
    }
  }
}
