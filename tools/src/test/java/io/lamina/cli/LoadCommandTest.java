package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Fixture;
import io.lamina.images.HostTool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code lamina load}, of what docker and skopeo wrote, into a store of Lamina's own. */
class LoadCommandTest {
  private static final String STEPS = "{{.CreatedAt}} {{.CreatedBy}} {{.Comment}}";

  @TempDir Path scratch;

  private String root = "";

  @BeforeEach
  void makeAStore() throws IOException {
    assumeTrue(HostTool.exists("mkfs.ext4"), "mkfs.ext4 is not installed");
    root = scratch.resolve("store").toString();
    assertThat(CommandRun.of("init", root, "--data-size", "1G").err()).isEmpty();
  }

  private static String said(String... args) throws IOException {
    CommandRun run = CommandRun.of(args);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  private String load(Path archive) throws IOException {
    return said("load", "--root", root, "-i", archive.toString());
  }

  private List<String> images(String root) throws IOException {
    String format = "{{.Repository}}:{{.Tag}} {{.ID}}";
    return said("images", "--root", root, "--no-trunc", "--format", format).lines().toList();
  }

  /** The ids of images of before docker 1.10 are those that docker 20.10.24 gives them. */
  @ParameterizedTest
  @CsvSource({
    "DOCKER17_AUFS, fc9bc3c9dc9ec134e0a8f90f95b136d6f3a51fbaaa29de2b9dce529b6c862ddf,"
        + " a3c49ed5a5cabcc5aeafda3812e3c5424fcaf79ec31d335621f3e86590b722d5,"
        + " d6cfb575ee7cea49fca0f4245a552d0eda05a6e6c074d85a51aaebfb645b04d0",
    "DOCKER19_DEVICEMAPPER, d9f39376dfebb948833767af3cfafd22f3e7c4353159e1c9197f0ed34f4528fc,"
        + " 07ebe92b8b370921824c91222998ca7eabcc5aea0ea23354ccd117c101c238a3,"
        + " d08c12fa90723903fc5caad0ca7cbb1a58fdd39b51c6ced37c445fc70b777bfa",
    "DOCKER_OVERLAY2, 9f4f834426be871febbdc32ec09f0629ca4b5950f4d01e62ccdf512c6fef89b1,"
        + " 9d82a92c5dc76357c84eebd017a2c83ea21d187d5a3387f49638a2815a7c3da1,"
        + " 20cef6127c48ec3187bcca4893abdc399216a18db36f4088e46b82f9b0ea7568"
  })
  void imagesGetTheirIdsNamesAndHistory(Fixture fixture, String app, String committed, String base)
      throws IOException {
    assertThat(load(fixture.docker("save.tar")).lines())
        .contains(
            "Loaded image: app:1",
            "Loaded image: registry.example.com/team/app:stable",
            "Loaded image: app:committed",
            "Loaded image: base:latest");
    assertThat(images(root))
        .contains(
            "app:1 sha256:" + app,
            "registry.example.com/team/app:stable sha256:" + app,
            "app:committed sha256:" + committed,
            "base:latest sha256:" + base);
    String dockers = fixture.dockerRoot().toString();
    assertThat(history(root)).isEqualTo(history(dockers));
  }

  private static String history(String root) throws IOException {
    return said("history", "--root", root, "--no-trunc", "--format", STEPS, "app:committed");
  }

  @ParameterizedTest
  @CsvSource({
    "DOCKER_AUFS, thin",
    "DOCKER_OVERLAY2, thin",
    "DOCKER_DEVICEMAPPER, thin",
    "DOCKER_AUFS, aufs",
    "DOCKER_DEVICEMAPPER, aufs"
  })
  void whatWasLoadedIsSavedTheSameToTheByte(Fixture fixture, String driver) throws IOException {
    String own = scratch.resolve("own").toString();
    said("init", own, "--driver", driver, "--data-size", "1G");
    Path archive = fixture.docker("save.tar");
    List<String> args = new ArrayList<>(List.of("save", "--root", own));
    said("load", "--root", own, "-i", archive.toString())
        .lines()
        .map(line -> line.replace("Loaded image: ", ""))
        .forEach(args::add);
    String saved = said(args.toArray(String[]::new));
    String dockers = Files.readString(archive, StandardCharsets.ISO_8859_1);
    assertThat(
            Arrays.mismatch(
                SavedTar.withoutTimesOfLinks(saved), SavedTar.withoutTimesOfLinks(dockers)))
        .isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docker-archive:app.tar:app:sk",
        "oci-archive:app.tar:app:sk",
        "oci:app.tar:app:sk"
      })
  void whatSkopeoWroteIsLoaded(String target) throws IOException {
    assumeTrue(HostTool.exists("skopeo"), "skopeo is not installed");
    String source = "docker-archive:" + Fixture.DOCKER_AUFS.docker("save.tar") + ":app:1";
    skopeo("copy", source, target);
    assertThat(load(scratch.resolve("app.tar"))).isEqualTo("Loaded image: app:sk\n");
    Path saved = scratch.resolve("saved.tar");
    said("save", "--root", root, "-o", saved.toString(), "app:sk");
    skopeo("copy", "docker-archive:" + saved, "dir:again");
    assertThat(blobs("again")).containsAll(diffIds(source));
  }

  @Test
  void layersMayBeCompressedWithZstd() throws IOException {
    assumeTrue(HostTool.exists("skopeo"), "skopeo is not installed");
    String source = "docker-archive:" + Fixture.DOCKER_AUFS.docker("save.tar") + ":app:1";
    skopeo("copy", "--dest-compress-format", "zstd", "--dest-compress", source, "oci:zstd:app:z");
    assertThat(load(scratch.resolve("zstd"))).isEqualTo("Loaded image: app:z\n");
  }

  private String skopeo(String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("skopeo"));
    command.addAll(List.of(args));
    return HostTool.run(scratch, "", command);
  }

  /** What the image's layers are without compression. */
  private List<String> diffIds(String source) throws IOException {
    String config = skopeo("inspect", "--config", source);
    return Stream.of(config.split("\"", -1)).filter(text -> text.startsWith("sha256:")).toList();
  }

  /** The digests of what skopeo unpacked; it may compress layers, which are told by what is in. */
  private List<String> blobs(String directory) throws IOException {
    return diffIds("dir:" + scratch.resolve(directory));
  }

  @Test
  void anArchiveMayComeThroughAPipeAndBeCompressed() throws Exception {
    Path archive = Fixture.DOCKER_AUFS.docker("save.tar");
    Path compressed = scratch.resolve("save.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      Files.copy(archive, out);
    }
    InputStream before = System.in;
    try (InputStream in = Files.newInputStream(compressed)) {
      System.setIn(in);
      assertThat(said("load", "--root", root)).contains("Loaded image: app:1\n");
    } finally {
      System.setIn(before);
    }
    assertThat(images(root)).hasSize(4);
    assertThat(load(archive)).contains("Loaded image: app:1\n").doesNotContain("renaming");
  }

  @Test
  void aNameGoesFromAnOlderImageToTheOneThatIsLoaded() throws IOException {
    load(Fixture.DOCKER_OVERLAY2.docker("save.tar"));
    assertThat(load(Fixture.DOCKER_AUFS.docker("save.tar")))
        .contains(
            "The image app:1 already exists, renaming the old one with ID"
                + " sha256:9f4f834426be871febbdc32ec09f0629ca4b5950f4d01e62ccdf512c6fef89b1"
                + " to empty string\n");
    assertThat(images(root))
        .hasSize(6)
        .contains(
            "app:1 sha256:" + "4626f4ffa1e806fa268f6fff99ace6ddd1c2abde40f4b5e59ca695e0c4c2df0e");
  }

  @Test
  void aLayerThatIsNotItsDigestLeavesNothing() throws IOException {
    byte[] archive = Files.readAllBytes(Fixture.DOCKER_AUFS.docker("save.tar"));
    String text = new String(archive, StandardCharsets.ISO_8859_1);
    SavedTar.Member last =
        SavedTar.members(text)
            .get("d82902fb9a69761ccc724142177bd215b5cf458849cff9d5d78c100e5e84ceef/layer.tar");
    archive[last.header() + 512 + last.content().length() / 2] ^= 1;
    Path spoilt = Files.write(scratch.resolve("spoilt.tar"), archive);
    CommandRun run = CommandRun.of("load", "--root", root, "-i", spoilt.toString());
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith(
            "lamina: app:1: d82902fb9a69761ccc724142177bd215b5cf458849cff9d5d78c100e5e84ceef")
        .contains("digest: expected sha256:49e649a93002")
        .hasLineCount(1);
    assertThat(images(root)).isEmpty();
    assertThat(Path.of(root, "graph")).isEmptyDirectory();
    try (Stream<Path> devices = Files.list(Path.of(root, "devicemapper", "metadata"))) {
      assertThat(devices.map(path -> path.getFileName().toString()))
          .containsOnly("base", "deviceset-metadata", "transaction-metadata");
    }
  }

  @Test
  void aRootOfDockersIsNotChanged() throws IOException {
    String dockers = Fixture.DOCKER19_DEVICEMAPPER.dockerRoot().toString();
    CommandRun run = CommandRun.of("load", "--root", dockers, "-i", "/dev/null");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains(dockers).hasLineCount(1);
  }
}
