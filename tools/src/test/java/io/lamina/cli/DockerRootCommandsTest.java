package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Fixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that look at layers and files of a docker root. */
class DockerRootCommandsTest {
  private record Said(int exitCode, String out, String err) {}

  private static Said lamina(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, false, false), args);
      return new Said(
          exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  private static String aufs() throws IOException {
    assumeTrue(
        System.getProperty("user.name").equals("root"),
        "only root can unpack owners and device nodes");
    return Fixture.DOCKER_AUFS.dockerRootWithOwners().toString();
  }

  private static String devices() throws IOException {
    return Fixture.DOCKER19_DEVICEMAPPER.dockerRoot().toString();
  }

  @Test
  void diffIsThatOfDockerDiff() throws IOException {
    Said said = lamina("diff", "--root", aufs(), "c1");
    assertThat(said.err).isEmpty();
    assertThat(said.out).isEqualTo(Files.readString(Fixture.DOCKER_AUFS.docker("diff-c1.txt")));
    assertThat(lamina("diff", "--root", devices(), "c4").out)
        .isEqualTo(Files.readString(Fixture.DOCKER19_DEVICEMAPPER.docker("diff-c4.txt")));
  }

  @Test
  void diffOfAnImageIsThatOfItsTopmostLayer() throws IOException {
    assertThat(lamina("diff", "--root", devices(), "app:committed").out.lines())
        .contains("A /written-by-c1", "D /data/dir2");
    Said base = lamina("diff", "--root", devices(), "base");
    assertThat(base.out.lines())
        .allMatch(line -> line.startsWith("A /"))
        .contains("A /bin/busybox");
  }

  @Test
  void filesAreFoundInWhatAMountWouldShow(@TempDir Path temp) throws IOException {
    for (String root : new String[] {aufs(), devices()}) {
      assertThat(lamina("cat", root + ":tags/app/committed/written-by-c1").out)
          .isEqualTo("written\n");
      assertThat(lamina("cat", root + ":c1/written-by-c1").out).isEqualTo("written\n");
      assertThat(lamina("ls", root + ":mnt").out).contains("-init\n");
      Path copy = temp.resolve("copy" + root.hashCode());
      Said copied = lamina("cp", "-a", root + ":c1/c1", copy.toString());
      assertThat(copied.err).isEmpty();
      assertThat(copy.resolve("hard")).hasContent("written\n");
    }
    Said missing = lamina("ls", devices() + ":nothing/x");
    assertThat(missing.exitCode).isEqualTo(1);
    assertThat(missing.err).contains("No such container, image or layer: nothing");
  }

  @Test
  void volumesHaveDockersNamesAndSizes() throws IOException {
    Said said = lamina("volume", "ls", devices());
    assertThat(said.err).isEmpty();
    assertThat(said.out.lines()).hasSize(26);
    assertThat(said.out)
        .containsPattern(
            "50  047f355b5047fb33103840c755f178cb4ab15576e7132b1b38b431167c4f0d5f +512.0 MiB");
  }

  @Test
  void aDockerRootIsNotWrittenTo() throws IOException {
    Said said = lamina("volume", "rm", devices(), "base");
    assertThat(said.exitCode).isEqualTo(3);
    assertThat(said.err).contains("is a docker root; its pool can be read only");
  }

  @Test
  void layersAreListedFromTheTop() throws IOException {
    Said said = lamina("layer", "ls", "--root", aufs(), "c1");
    assertThat(said.out.lines().toList().get(0)).matches("LAYER +BELOW +DEPTH +SIZE");
    assertThat(said.out.lines().toList().get(1)).matches("354f8f440fac +354f8f440fac-init +7 +-");
    assertThat(said.out.lines()).hasSize(8);
    assertThat(lamina("layer", "ls", "--root", devices()).out.lines()).hasSize(25);
  }

  @Test
  void sizesTellWhatIsShared() throws IOException {
    Said said = lamina("layer", "size", "--bytes", "--root", devices(), "c4");
    String own = said.out.lines().toList().get(1);
    assertThat(own).matches("b7ed477e37c2[0-9a-f]+ +3 +[0-9]+ +[0-9]+");
    long unique = Long.parseLong(own.split(" +", -1)[2]);
    assertThat(unique).isPositive().isLessThan(2 << 20);
    assertThat(lamina("layer", "size", "--root", aufs(), "app:1").out.lines()).hasSize(6);
  }

  /** A root whose pool docker had on block devices. */
  private static String withoutPool(Path temp) throws IOException {
    Path from = Fixture.DOCKER19_DEVICEMAPPER.dockerRoot();
    Path root = Files.createDirectories(temp.resolve("root"));
    for (String part : new String[] {"graph", "containers", "repositories-devicemapper"}) {
      Files.createSymbolicLink(root.resolve(part), from.resolve(part));
    }
    Files.createSymbolicLink(
        Files.createDirectory(root.resolve("devicemapper")).resolve("metadata"),
        from.resolve("devicemapper/metadata"));
    return root.toString();
  }

  @Test
  void thePoolOfARootCanBeOnBlockDevices(@TempDir Path temp) throws IOException {
    String root = withoutPool(temp);
    Said without = lamina("diff", "--root", root, "c4");
    assertThat(without.exitCode).isEqualTo(3);
    assertThat(without.err).hasLineCount(1).contains("--metadata and --data name them");
    Said half = lamina("diff", "--root", root, "--data", "x", "c4");
    assertThat(half.exitCode).isEqualTo(2);
    assertThat(half.err).contains("--metadata and --data go together");
    Said said =
        lamina(
            "diff",
            "--root",
            root,
            "--metadata",
            Fixture.DOCKER19_DEVICEMAPPER.metadata().toString(),
            "--data",
            Fixture.DOCKER19_DEVICEMAPPER.data().toString(),
            "c4");
    assertThat(said.err).isEmpty();
    assertThat(said.out)
        .isEqualTo(Files.readString(Fixture.DOCKER19_DEVICEMAPPER.docker("diff-c4.txt")));
  }

  @Test
  void filesOfSuchARootAreReadToo(@TempDir Path temp) throws IOException {
    String root = withoutPool(temp);
    String metadata = "--metadata=" + Fixture.DOCKER19_DEVICEMAPPER.metadata();
    String data = "--data=" + Fixture.DOCKER19_DEVICEMAPPER.data();
    CommandRun.of("cat", root + ":c1/written-by-c1").requireRefused("--metadata and --data name");
    assertThat(CommandRun.of("cat", metadata, data, root + ":c1/written-by-c1").requireDone().out())
        .isEqualTo("written\n");
    assertThat(CommandRun.of("ls", metadata, data, root + ":c1/").requireDone().out())
        .contains("written-by-c1\n");
    String copy = temp.resolve("copy").toString();
    CommandRun.of("cp", metadata, data, root + ":c1/written-by-c1", copy).requireDone();
    assertThat(Path.of(copy)).hasContent("written\n");
    CommandRun half = CommandRun.of("cat", data, root + ":c1/written-by-c1");
    assertThat(half.exitCode()).isEqualTo(2);
    CommandRun names = CommandRun.of("cat", metadata, data, "--names=x", root + ":c1/x");
    assertThat(names.exitCode()).isEqualTo(2);
    assertThat(names.err()).contains("not --names");
  }

  @Test
  void thePoolOfSuchARootIsLookedAtWithDockersNames(@TempDir Path temp) throws IOException {
    String root = withoutPool(temp);
    String metadata = "--metadata=" + Fixture.DOCKER19_DEVICEMAPPER.metadata();
    String data = "--data=" + Fixture.DOCKER19_DEVICEMAPPER.data();
    for (String[] noun : new String[][] {{"volume", "ls"}, {"pool", "status"}}) {
      CommandRun.of(noun[0], noun[1], root).requireRefused("--metadata and --data name them");
      String usual = CommandRun.of(noun[0], noun[1], "--json", devices()).requireDone().out();
      assertThat(
              CommandRun.of(noun[0], noun[1], "--json", metadata, data, root).requireDone().out())
          .isEqualTo(usual);
      for (String[] wrong :
          new String[][] {
            {data, root, "--metadata and --data go together"},
            {"--names=x", root, "not --names"},
            {metadata, temp.toString(), "either SOURCE or --metadata and --data"}
          }) {
        CommandRun refused = CommandRun.of(noun[0], noun[1], wrong[0], wrong[1]);
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains(wrong[2]);
      }
    }
  }

  @Test
  void aDeviceOfAnotherFileSystemIsNamed(@TempDir Path temp) throws IOException {
    Path root = Path.of(withoutPool(temp));
    Files.delete(root.resolve("devicemapper/metadata"));
    Path records = Files.createDirectory(root.resolve("devicemapper/metadata"));
    String container = "aab47357ff94e70fd6536973935ea821a051c3ab1c001461bc9e1e3bc95a874c";
    Files.writeString(
        records.resolve(container), "{\"device_id\":4,\"size\":335544320,\"transaction_id\":1}");
    CommandRun.of(
            "export",
            "--root",
            root.toString(),
            "--metadata",
            Fixture.KERNEL_THIN_BASIC.metadata().toString(),
            "--data",
            Fixture.KERNEL_THIN_BASIC.data().toString(),
            "c1")
        .requireRefused(
            "device "
                + container
                + ": xfs: not a file system that can be read here; ext2, ext3 and ext4 are");
  }

  @Test
  void ofSeveralDriversOneIsNamed(@TempDir Path temp) throws IOException {
    Path root = temp.resolve("root");
    Path images = Files.createDirectories(root.resolve("image"));
    Files.createSymbolicLink(root.resolve("aufs"), Path.of(aufs()).resolve("aufs"));
    Files.createSymbolicLink(images.resolve("aufs"), Path.of(aufs()).resolve("image/aufs"));
    Path other = Fixture.DOCKER_OVERLAY2.dockerRootWithOwners();
    Files.createSymbolicLink(root.resolve("overlay2"), other.resolve("overlay2"));
    Files.createSymbolicLink(images.resolve("overlay2"), other.resolve("image/overlay2"));
    Said unclear = lamina("images", "--root", root.toString());
    assertThat(unclear.exitCode).isEqualTo(3);
    assertThat(unclear.err)
        .isEqualTo(
            "lamina: "
                + root
                + ": is of several storage drivers: aufs, overlay2; --storage-driver says which is"
                + " meant\n");
    for (String driver : new String[] {"aufs", "overlay2"}) {
      String all = driver.equals("aufs") ? aufs() : other.toString();
      assertThat(lamina("images", "--storage-driver", driver, "--root", root.toString()).out)
          .isEqualTo(lamina("images", "--root", all).out);
      assertThat(lamina("ls", "--storage-driver", driver, root + ":tags/app").out)
          .isEqualTo(lamina("ls", all + ":tags/app").out);
    }
  }

  @Test
  void whatIsNoRootThatCanBeReadIsCalledByItsName(@TempDir Path temp) throws IOException {
    Files.createDirectories(temp.resolve("100000.100000/image/overlay2/imagedb"));
    for (String[] command :
        new String[][] {
          {"images", "--root", temp.toString()},
          {"ls", temp + ":mnt"},
          {"diff", "--root", temp.toString(), "x"}
        }) {
      Said said = lamina(command);
      assertThat(said.exitCode).as(command[0]).isEqualTo(3);
      assertThat(said.err).as(command[0]).hasLineCount(1).contains("100000.100000");
    }
  }

  /** As docker 1.9 has images that it got from a registry: called after the digest of this. */
  private static String fromRegistry(String json) {
    return json.replaceFirst("\"id\":\"[0-9a-f]{64}\",", "")
        .replaceFirst("\"parent\":\"([0-9a-f]{64})\"", "\"parent_id\":\"sha256:$1\"");
  }

  @Test
  void anImageFromARegistryIsAsOneThatWasMadeHere(@TempDir Path temp) throws IOException {
    Path from = Fixture.DOCKER19_DEVICEMAPPER.dockerRoot();
    Path root = Files.createDirectories(temp.resolve("root"));
    String names = "repositories-devicemapper";
    Files.copy(from.resolve(names), root.resolve(names));
    for (String part : new String[] {"containers", "devicemapper"}) {
      Files.createSymbolicLink(root.resolve(part), from.resolve(part));
    }
    try (var images = Files.newDirectoryStream(from.resolve("graph"), "????????????????*")) {
      for (Path image : images) {
        Path copy =
            Files.createDirectories(root.resolve("graph").resolve(image.getFileName().toString()));
        for (String file : new String[] {"json", "layersize", "tar-data.json.gz"}) {
          Files.copy(image.resolve(file), copy.resolve(file));
        }
        Files.writeString(
            copy.resolve("json"), fromRegistry(Files.readString(image.resolve("json"))));
      }
    }
    for (String command : new String[] {"history", "diff", "layer ls"}) {
      List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
      words.addAll(List.of("app:committed", "--root"));
      assertThat(CommandRun.of(with(words, root)).requireDone().out())
          .as(command)
          .isNotEmpty()
          .isEqualTo(CommandRun.of(with(words, from)).requireDone().out());
    }
    List<String> saving = List.of("save", "app:committed", "--root");
    assertThat(manifest(CommandRun.of(with(saving, root)).requireDone()))
        .isEqualTo(manifest(CommandRun.of(with(saving, from)).requireDone()));
  }

  private static String[] with(List<String> words, Path root) {
    List<String> all = new ArrayList<>(words);
    all.add(root.toString());
    return all.toArray(String[]::new);
  }

  /** Which names the image's id. */
  private static String manifest(CommandRun saved) {
    int start = saved.out().indexOf("[{\"Config\":");
    return saved.out().substring(start, saved.out().indexOf("}]", start));
  }
}
