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
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lamina export}, against what docker export wrote. */
class ExportCommandTest {
  /**
   * What a command gave.
   *
   * @param out one character a byte
   */
  private record Said(int exitCode, String out, String err) {}

  private static Said lamina(boolean isTerminal, String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, isTerminal, false), args);
      return new Said(
          exitCode,
          out.toString(StandardCharsets.ISO_8859_1),
          err.toString(StandardCharsets.UTF_8));
    }
  }

  private static Path root(Fixture fixture) throws IOException {
    if (fixture.hasPool()) {
      return fixture.dockerRoot();
    }
    assumeTrue(
        System.getProperty("user.name").equals("root"),
        "only root can unpack owners and device nodes");
    return fixture.dockerRootWithOwners();
  }

  @ParameterizedTest
  @CsvSource({
    "DOCKER_AUFS, c1", "DOCKER_AUFS, c2", "DOCKER_AUFS, c4",
    "DOCKER_OVERLAY2, c1", "DOCKER_OVERLAY2, c2", "DOCKER_OVERLAY2, c4",
    "DOCKER_DEVICEMAPPER, c1", "DOCKER_DEVICEMAPPER, c2", "DOCKER_DEVICEMAPPER, c4"
  })
  void theTarIsThatOfDocker20ToTheByte(Fixture fixture, String container) throws IOException {
    byte[] dockers = Files.readAllBytes(fixture.docker("export-" + container + ".tar"));
    assertThat(Arrays.mismatch(exported(fixture, container), dockers)).isEqualTo(-1);
  }

  /** Before 17.06 docker rounded times up and down, and left the type out of the mode. */
  @ParameterizedTest
  @CsvSource({
    "DOCKER17_AUFS, c1", "DOCKER17_AUFS, c2", "DOCKER17_AUFS, c4",
    "DOCKER19_AUFS, c1", "DOCKER19_AUFS, c2", "DOCKER19_AUFS, c4",
    "DOCKER19_DEVICEMAPPER, c1", "DOCKER19_DEVICEMAPPER, c2", "DOCKER19_DEVICEMAPPER, c4"
  })
  void theTarIsThatOfDocker1ButForTypeAndFractionsOfSeconds(Fixture fixture, String container)
      throws IOException {
    byte[] dockers = Files.readAllBytes(fixture.docker("export-" + container + ".tar"));
    byte[] ours = withoutTypesAndTimes(exported(fixture, container));
    assertThat(Arrays.mismatch(ours, withoutTypesAndTimes(dockers))).isEqualTo(-1);
  }

  private static byte[] exported(Fixture fixture, String container) throws IOException {
    Said said = lamina(false, "export", "--root", root(fixture).toString(), container);
    assertThat(said.err).isEmpty();
    return said.out.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] withoutTypesAndTimes(byte[] tar) {
    byte[] rest = tar.clone();
    int header = 0;
    while (rest[header] != 0) {
      Arrays.fill(rest, header + 100, header + 103, (byte) 0); // type, above the permissions
      Arrays.fill(rest, header + 136, header + 156, (byte) 0); // time, checksum
      String size = new String(rest, header + 124, 11, StandardCharsets.US_ASCII);
      header += 512 + (Integer.parseInt(size, 8) + 511) / 512 * 512;
    }
    return rest;
  }

  @Test
  void aFileIsThereOnceItIsWhole(@TempDir Path directory) throws IOException {
    String root = Fixture.DOCKER19_DEVICEMAPPER.dockerRoot().toString();
    Path file = Files.writeString(directory.resolve("c1.tar"), "old");
    Said missing = lamina(false, "export", "--root", root, "-o", file.toString(), "nothing");
    assertThat(missing.exitCode).isEqualTo(1);
    assertThat(missing.err).isEqualTo("lamina: No such container: nothing\n");
    assertThat(file).hasContent("old");

    Said done = lamina(true, "export", "--root", root, "-o", file.toString(), "c1");
    assertThat(done.err).isEmpty();
    assertThat(done.exitCode).isZero();
    assertThat(done.out).isEmpty();
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .isEqualTo(lamina(false, "export", "--root", root, "c1").out);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void whereItCannotBeWrittenIsSaid(@TempDir Path directory) throws IOException {
    String root = Fixture.DOCKER19_DEVICEMAPPER.dockerRoot().toString();
    Path file = directory.resolve("nowhere/c1.tar");
    Said said = lamina(false, "export", "--root", root, "-o", file.toString(), "c1");
    assertThat(said.exitCode).isEqualTo(1);
    assertThat(said.err)
        .startsWith("lamina: cannot write the output: " + file.getParent())
        .endsWith(": No such file or directory\n");
  }

  @Test
  void aTerminalGetsNoTar() throws IOException {
    Said said = lamina(true, "export", "--root", "/nowhere", "c1");
    assertThat(said.exitCode).isEqualTo(2);
    assertThat(said.out).isEmpty();
    assertThat(said.err)
        .contains("cowardly refusing to save to a terminal. Use the -o flag or redirect");
  }
}
