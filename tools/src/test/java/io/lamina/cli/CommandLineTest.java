package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Fixture;
import io.lamina.images.HostManifest;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @TempDir Path temp;
  private Path pool;
  private Path otherPool;

  /** What a command wrote, one character a byte. */
  private record Result(int exitCode, String out, String err) {}

  @BeforeEach
  void makePool() throws IOException {
    pool = link("pool", Fixture.KERNEL_THIN_BASIC);
    otherPool = temp.resolve("with:colon");
    Files.createSymbolicLink(otherPool, pool);
  }

  @AfterEach
  void unlinkPool() throws IOException {
    for (String file : new String[] {"metadata", "data"}) {
      Files.delete(pool.resolve(file));
    }
  }

  private Path link(String name, Fixture fixture) throws IOException {
    Path directory = Files.createDirectory(temp.resolve(name));
    Files.createSymbolicLink(directory.resolve("metadata"), fixture.metadata());
    Files.createSymbolicLink(directory.resolve("data"), fixture.data());
    return directory;
  }

  private static Result lamina(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, false, false), args);
      return new Result(
          exitCode,
          out.toString(StandardCharsets.ISO_8859_1),
          err.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void volumeLsShowsEachVolumeWithItsFileSystem() throws IOException {
    Result result = lamina("volume", "ls", pool.toString());
    assertThat(result.err).isEmpty();
    assertThat(result.exitCode).isZero();
    assertThat(result.out().lines()).hasSize(9);
    assertThat(result.out()).containsPattern("0 +0 +256.0 MiB .* ext4 +base");
    assertThat(result.out()).containsPattern("4 +4 +320.0 MiB .* xfs ");
  }

  @Test
  void poolStatusIsReadableByPeopleAndByScripts() throws IOException {
    assertThat(lamina("pool", "status", pool.toString()).out()).contains("of 512.0 MiB used");
    Result json = lamina("pool", "status", "--json", pool.toString());
    assertThat(json.out()).contains("\"data_blocks\" : 8192").contains("\"needs_check\" : false");
    String metadata = pool.resolve("metadata").toString();
    String data = pool.resolve("data").toString();
    assertThat(lamina("pool", "status", "--json", "--metadata", metadata, "--data", data).out())
        .isEqualTo(json.out());
  }

  @Test
  void namesThatAreNoUtf8ComeOutAsTheirBytes() throws IOException {
    Result result = lamina("ls", pool + ":0/names");
    assertThat(result.exitCode).isZero();
    List<String> undecodable =
        result.out().lines().filter(name -> Text.decode(name) == null).toList();
    assertThat(undecodable).isNotEmpty();
    Result one = lamina("ls", pool + ":0/names/" + undecodable.get(0));
    assertThat(one.out()).isEqualTo(pool + ":0/names/" + undecodable.get(0) + "\n");
    assertThat(lamina("ls", "--json", pool + ":0/names").out()).contains("\"name_hex\"");
  }

  @Test
  void longListsShowLinksDevicesAndTargets() throws IOException {
    Result result = lamina("ls", "-l", otherPool + ":0/");
    assertThat(result.err).isEmpty();
    assertThat(result.out())
        .startsWith("total ")
        .contains("brw------- 1    0   0 259, 70000 ")
        .contains("crw-r--r-- 1    0   0   1,     3 ")
        .contains("-r--r--r-- 3 1000 100       9000 Sep 13  2020 hard1\n")
        .contains(" sym-short -> files/f0001.txt\n")
        .contains("drwxrwsr-x 2    5   6 ");
  }

  @Test
  void recursiveListsGoThroughAllDirectories() throws IOException {
    Result result = lamina("ls", "-R", pool + ":0");
    assertThat(result.err).isEmpty();
    assertThat(result.out()).contains(pool + ":0/files:\n").contains("\nf0001.txt\n");
  }

  @Test
  void catFollowsLinksInsideTheVolume() throws IOException {
    Result direct = lamina("cat", pool + ":0/files/f0001.txt");
    Result linked = lamina("cat", pool + ":0/names/../sym-short");
    assertThat(direct.exitCode).isZero();
    assertThat(direct.out).isNotEmpty().isEqualTo(linked.out);
  }

  @ParameterizedTest(name = "volume {0}")
  @ValueSource(ints = {0, 1, 2, 3, 6, 7})
  void cpKeepsAllThatTheKernelSaw(int id) throws IOException {
    String missing = HostManifest.missingProgram();
    Assumptions.assumeTrue(missing == null, () -> "needs " + missing);
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "owners and devices need root");
    Path copy = temp.resolve("copy");
    Result result = lamina("cp", "-a", pool + ":" + id, copy.toString());
    assertThat(result.err).isEmpty();
    assertThat(result.exitCode).isZero();
    Manifest seen =
        Manifest.read(Fixture.KERNEL_THIN_BASIC.truth().file("thin-" + id + ".manifest.jsonl"));
    assertThat(seen.differences(HostManifest.of(copy), CommandLineTest::isCopied)).isEmpty();
  }

  /** Not what every file system has its own of; and segments are as coarse as the host's. */
  private static boolean isCopied(ManifestEntry entry, ManifestField field) {
    boolean isDirectory = entry.type() == 'd';
    return switch (field) {
      case INODE, CHANGE_TIME, SECTORS, FLAGS -> false;
      case SIZE, LINK_COUNT -> !isDirectory;
      case ACCESS_TIME -> entry.type() == 'f'; // looking at the others has moved theirs
      case CONTENT -> entry.segments() == null;
      default -> true;
    };
  }

  @Test
  void whatIsNotThereIsOneLineAndAFinding() throws IOException {
    Result result = lamina("ls", pool + ":0/nothing", pool + ":0/sym-short");
    assertThat(result.exitCode).isEqualTo(1);
    assertThat(result.err).isEqualTo("lamina: " + pool + ":0/nothing: No such file or directory\n");
    assertThat(result.out()).isEqualTo(pool + ":0/sym-short\n");
    assertThat(lamina("ls", pool + ":99/").err).contains("volume 99");
  }

  @Test
  void whatCannotBeReadIsOneLineAndExitCodeThree() throws IOException {
    for (String[] command :
        new String[][] {
          {"ls", pool + ":4/"},
          {"ls", temp + "/none:0/"},
          {"pool", "status", temp.toString()},
          {"volume", "ls", "--metadata", pool + "/data", "--data", pool + "/data"},
          {"pool", "status", "--metadata", "/dev/null", "--data", "/dev/null"}
        }) {
      Result result = lamina(command);
      assertThat(result.exitCode).as(result.err).isEqualTo(3);
      assertThat(result.err).startsWith("lamina: ").hasLineCount(1);
      assertThat(result.out).isEmpty();
    }
  }

  @Test
  void wrongUsageIsExitCodeTwo() throws IOException {
    for (String[] command :
        new String[][] {{}, {"ls"}, {"volume"}, {"cat", "nocolon"}, {"ls", "--nothing", "x:0/"}}) {
      assertThat(lamina(command).exitCode).isEqualTo(2);
    }
  }

  @Test
  void helpOfEveryCommandHasExitCodesAndAnExample() throws IOException {
    for (String command : Commands.NAMES) {
      Result help = lamina((command + " --help").split(" ", -1));
      assertThat(help.exitCode).as(command).isZero();
      assertThat(help.out())
          .as(command)
          .contains("Usage: lamina " + command)
          .contains("Exit codes:")
          .contains("Example:");
    }
  }
}
