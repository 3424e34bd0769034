package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.graph.DockerStore;
import io.lamina.images.Fixture;
import io.lamina.images.HostManifest;
import io.lamina.images.HostTool;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.layer.DockerLayers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lamina save}, against what docker save wrote, and with skopeo as the reader. */
class SaveCommandTest {
  private static Path root(Fixture fixture) throws IOException {
    if (fixture.hasPool()) {
      return fixture.dockerRoot();
    }
    assumeTrue(
        System.getProperty("user.name").equals("root"),
        "only root can unpack owners and device nodes");
    return fixture.dockerRootWithOwners();
  }

  private static String saved(Fixture fixture, String... images) throws IOException {
    List<String> args = new ArrayList<>(List.of("save", "--root", root(fixture).toString()));
    args.addAll(List.of(images));
    CommandRun said = CommandRun.of(args.toArray(String[]::new));
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    return said.out();
  }

  private static String dockers(Fixture fixture) throws IOException {
    return Files.readString(fixture.docker("save.tar"), StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "DOCKER_AUFS, app committed base",
    "DOCKER_OVERLAY2, base app committed",
    "DOCKER_DEVICEMAPPER, committed base app"
  })
  void theArchiveIsThatOfDocker20ToTheByte(Fixture fixture, String order) throws IOException {
    List<String> images = new ArrayList<>();
    for (String image : order.split(" ", -1)) {
      switch (image) {
        case "app" -> images.addAll(List.of("app:1", "registry.example.com/team/app:stable"));
        case "committed" -> images.add("app:committed");
        default -> images.add("base:latest");
      }
    }
    String ours = saved(fixture, images.toArray(String[]::new));
    String dockers = dockers(fixture);
    assertThat(SavedTar.members(ours).keySet()).isEqualTo(SavedTar.members(dockers).keySet());
    assertThat(
            Arrays.mismatch(
                SavedTar.withoutTimesOfLinks(ours), SavedTar.withoutTimesOfLinks(dockers)))
        .isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({"DOCKER19_AUFS", "DOCKER19_DEVICEMAPPER"})
  void anOldRootGivesWhatItsDockerWrote(Fixture fixture) throws IOException {
    Map<String, SavedTar.Member> ours =
        SavedTar.members(saved(fixture, "app", "registry.example.com/team/app", "base"));
    SavedTar.members(dockers(fixture))
        .forEach(
            (name, member) ->
                assertThat(ours.get(name).content().equals(member.content())).as(name).isTrue());
  }

  /** Docker 1.7 kept nothing to put tars together from; a newer docker makes them as we do. */
  @Test
  void aRootThatKeptNoTarsGivesNewOnesOfTheSameFiles() throws IOException {
    Fixture fixture = Fixture.DOCKER17_AUFS;
    Map<String, SavedTar.Member> ours =
        SavedTar.members(saved(fixture, "app", "registry.example.com/team/app", "base"));
    SavedTar.members(dockers(fixture))
        .forEach(
            (name, member) -> {
              boolean isLayer = name.endsWith("/layer.tar");
              String expected = isLayer ? withoutTypesAndTimes(member.content()) : member.content();
              String content = ours.get(name).content();
              assertThat((isLayer ? withoutTypesAndTimes(content) : content).equals(expected))
                  .as(name)
                  .isTrue();
            });
  }

  /** Before 17.06 docker rounded times up and down, and left the type out of the mode. */
  private static String withoutTypesAndTimes(String tar) {
    StringBuilder rest = new StringBuilder(tar);
    for (SavedTar.Member member : SavedTar.members(tar).values()) {
      rest.replace(member.header() + 100, member.header() + 103, "---");
      rest.replace(member.header() + 136, member.header() + 156, "-".repeat(20)); // time, checksum
    }
    return rest.toString();
  }

  /** The ids are those that docker 20.10.24 gave what {@code save.tar} holds. */
  @ParameterizedTest
  @CsvSource({
    "app:1, d9f39376dfebb948833767af3cfafd22f3e7c4353159e1c9197f0ed34f4528fc",
    "app:committed, 07ebe92b8b370921824c91222998ca7eabcc5aea0ea23354ccd117c101c238a3",
    "base, d08c12fa90723903fc5caad0ca7cbb1a58fdd39b51c6ced37c445fc70b777bfa"
  })
  void anOldImageGetsTheIdThatNewDockerGivesIt(String image, String id) throws IOException {
    assertThat(SavedTar.members(saved(Fixture.DOCKER19_DEVICEMAPPER, image)))
        .containsKey(id + ".json");
  }

  @ParameterizedTest
  @CsvSource({"DOCKER17_AUFS", "DOCKER19_DEVICEMAPPER", "DOCKER_AUFS"})
  void skopeoReadsIt(Fixture fixture, @TempDir Path directory) throws IOException {
    assumeTrue(HostTool.exists("skopeo"), "skopeo is not installed");
    String root = root(fixture).toString();
    Path file = directory.resolve("app.tar");
    assertThat(CommandRun.of("save", "--root", root, "-o", file.toString(), "app").err()).isEmpty();
    for (String image : List.of("app:1", "app:committed")) {
      String source = "docker-archive:" + file + ":" + image;
      HostTool.run(directory, "", List.of("skopeo", "copy", "--quiet", source, "oci:oci"));
      assertThat(HostTool.run(directory, "", List.of("skopeo", "inspect", source)))
          .contains("docker.io/library/app");
    }
  }

  @ParameterizedTest
  @CsvSource({"DOCKER_AUFS, app:1", "DOCKER_OVERLAY2, app:committed"})
  void umociUnpacksTheFilesThatTheImageHas(Fixture fixture, String image, @TempDir Path directory)
      throws IOException {
    for (String program : List.of("skopeo", "umoci")) {
      assumeTrue(HostTool.exists(program), program + " is not installed");
    }
    assumeTrue(HostManifest.missingProgram() == null, "needs " + HostManifest.missingProgram());
    String root = root(fixture).toString();
    Path file = directory.resolve("app.tar");
    CommandRun.of("save", "--root", root, "-o", file.toString(), image).requireDone();
    String source = "docker-archive:" + file + ":" + image;
    HostTool.run(directory, "", List.of("skopeo", "copy", "--quiet", source, "oci:oci:saved"));
    HostTool.run(directory, "", List.of("umoci", "unpack", "--image", "oci:saved", "bundle"));
    Manifest unpacked = HostManifest.of(directory.resolve("bundle/rootfs"));
    assertThat(merged(fixture, image).differences(unpacked, SaveCommandTest::isInTars)).isEmpty();
  }

  /** What the kernel's union of an image's layers showed. */
  private static Manifest merged(Fixture fixture, String image) throws IOException {
    try (DockerLayers layers =
        DockerLayers.open(DockerStore.open(fixture.dockerRootWithOwners()), null)) {
      String driverId = layers.find(image).layers().get(0).driverId();
      return Manifest.read(fixture.file("truth/merged-" + driverId + ".manifest.jsonl"));
    }
  }

  /** A layer's tar has no entry for its root. */
  private static boolean isInTars(ManifestEntry entry, ManifestField field) {
    return switch (field) {
      case MODIFICATION_TIME -> !entry.path().equals("/");
      case INODE, ACCESS_TIME, CHANGE_TIME, SECTORS, FLAGS, LINK_COUNT -> false;
      case SIZE -> entry.type() != 'd';
      default -> true;
    };
  }

  @Test
  void whatIsMissingIsNamed(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("app.tar");
    String root = Fixture.DOCKER19_DEVICEMAPPER.dockerRoot().toString();
    CommandRun said =
        CommandRun.of("save", "--root", root, "-o", file.toString(), "base", "nothing:1");
    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.err()).isEqualTo("lamina: No such image: nothing:1\n");
    assertThat(file).doesNotExist();
  }
}
