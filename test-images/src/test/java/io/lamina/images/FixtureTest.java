package io.lamina.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class FixtureTest {
  @ParameterizedTest
  @EnumSource
  void unpacksWhatItsOwnChecksumsList(Fixture fixture) throws Exception {
    Path sums = fixture.directory().resolve("SHA256SUMS");
    if (!Files.exists(sums)) {
      assertThat(fixture.directory()).isNotEmptyDirectory();
      return;
    }
    for (String line : Files.readAllLines(sums)) {
      Path file = fixture.directory().resolve(line.substring(66));
      if (!file.toString().endsWith("var-lib-docker.tar")) {
        assertThat(sha256(file)).as(line).isEqualTo(line.substring(0, 64));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.MATCH_NONE,
      names = "DAMAGED_METADATA|DOCKER.*_(AUFS|OVERLAY2)|AUFS_UNION")
  void hasBothDevicesOfAPoolAndItsTruth(Fixture fixture) throws IOException {
    assertThat(fixture.metadata()).isRegularFile();
    assertThat(fixture.data()).isRegularFile();
    assertThat(fixture.truth().devices()).isNotEmpty();
    for (TrueDevice device : fixture.truth().devices()) {
      if (fixture != Fixture.DOCKER19_DEVICEMAPPER) {
        assertThat(device.sha256()).hasSize(64);
      }
      if (device.manifestFile() != null) {
        assertThat(device.manifest().entries()).containsKey("/");
      }
    }
  }

  @Test
  void keepsNamesThatAreNotUtf8() throws IOException {
    Manifest manifest = Fixture.KERNEL_THIN_BASIC.truth().device(0).manifest();
    assertThat(manifest.entries())
        .containsKeys("/names/\u00e9t\u00e9", "/names/\u00ff\u00fe-not-utf8");
  }

  @Test
  void readsTheStatusThatTheKernelGave() throws IOException {
    assertThat(Fixture.LVM_THIN.truth().poolStatus()).startsWith("3", "222/2048", "815/4800", "-");
    assertThat(Fixture.DOCKER_DEVICEMAPPER.truth().poolStatus()).startsWith("77", "1701/16384");
    assertThat(Fixture.KERNEL_THIN_BASIC.truth().poolStatus()).startsWith("0", "450/4096");
  }

  @Test
  void readsADump() throws IOException {
    MetadataDump dump = Fixture.KERNEL_THIN_REVOKE.truth().dump();
    assertThat(dump.dataBlockSectors()).isEqualTo(128);
    assertThat(dump.devices().get(1).ranges())
        .startsWith(new MetadataDump.Range(0, 0, 1, 0))
        .hasSize(7);
  }

  @Test
  void copiesWithoutFillingHoles(@TempDir Path directory) throws Exception {
    Path source = Fixture.KERNEL_THIN_REVOKE.metadata();
    Path copy = Fixture.copy(source, directory.resolve("copy"));
    assertThat(Files.mismatch(source, copy)).isEqualTo(-1);
    assertThat(sectorCount(copy)).isLessThan(Files.size(copy) / 512 / 2);
  }

  private static long sectorCount(Path file) throws Exception {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    String output = new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(stat.waitFor()).isZero();
    return Long.parseLong(output.trim());
  }

  private static String sha256(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digesting =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digesting.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digesting.getMessageDigest().digest());
    }
  }
}
