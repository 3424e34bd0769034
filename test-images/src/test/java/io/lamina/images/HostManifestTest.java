package io.lamina.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostManifestTest {
  @TempDir Path root;

  @BeforeEach
  void theHostHasThePrograms() {
    assumeTrue(
        HostManifest.missingProgram() == null,
        () -> HostManifest.missingProgram() + " is not installed");
  }

  @Test
  void writesDownWhatTheHostShows() throws Exception {
    Files.writeString(root.resolve("f"), "content");
    Files.setPosixFilePermissions(root.resolve("f"), PosixFilePermissions.fromString("rw-r----x"));
    Instant beforeEpoch = Instant.ofEpochSecond(-2, 500_000_000);
    HostTool.run(root, List.of("f"), "touch", "-d", "@-1.5", "--");
    Files.createLink(root.resolve("hard"), root.resolve("f"));
    Files.createSymbolicLink(root.resolve("l"), Path.of("to/where"));
    HostTool.run(root, List.of("odd\u00ff\nname"), "touch", "--");

    Manifest manifest = HostManifest.of(root);

    assertThat(manifest.entries()).containsOnlyKeys("/", "/f", "/hard", "/l", "/odd\u00ff\nname");
    ManifestEntry f = manifest.entries().get("/f");
    assertThat(f.type()).isEqualTo('f');
    assertThat(f.permissions()).isEqualTo(0641);
    assertThat(f.linkCount()).isEqualTo(2);
    assertThat(f.modificationTime()).isEqualTo(beforeEpoch);
    assertThat(f.sha256())
        .isEqualTo("ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
    assertThat(manifest.entries().get("/l").target()).isEqualTo("to/where");
    assertThat(
            manifest.differences(
                HostManifest.of(root), (entry, field) -> field != ManifestField.ACCESS_TIME))
        .isEmpty();
  }

  @Test
  void readsExtendedAttributes() throws Exception {
    List<String> odd = List.of("odd\u00ff\nname");
    HostTool.run(root, odd, "touch", "--");
    try {
      HostTool.run(root, odd, "setfattr", "-n", "user.empty", "--");
      HostTool.run(root, odd, "setfattr", "-n", "user.\u00e9=", "-v", "0x00ff", "--");
      HostTool.run(root, List.of("."), "setfattr", "-n", "user.root", "-v", "r", "--");
    } catch (IOException e) {
      assumeTrue(false, () -> "no extended attributes here: " + e.getMessage());
    }
    Manifest manifest = HostManifest.of(root);
    assertThat(manifest.entries().get("/").xattrs()).containsOnlyKeys("user.root");
    assertThat(manifest.entries().get("/odd\u00ff\nname").xattrs())
        .containsOnlyKeys("user.empty", "user.\u00e9=")
        .containsEntry("user.empty", new byte[0])
        .containsEntry("user.\u00e9=", new byte[] {0, (byte) 0xff});
  }

  @Test
  void findsTheSegmentsOfALongFile() throws Exception {
    try (FileChannel file =
        FileChannel.open(
            root.resolve("long"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {1}), 300 << 20);
      file.write(ByteBuffer.wrap(new byte[] {1}), 12288);
    }
    ManifestEntry entry = HostManifest.of(root).entries().get("/long");
    assertThat(entry.sha256()).isNull();
    assertThat(entry.segments())
        .extracting(ManifestEntry.Segment::offset, ManifestEntry.Segment::length)
        .containsExactly(tuple(12288L, 4096L), tuple(300L << 20, 1L));
  }

  @Test
  void aDifferenceIsOneReadableLine() throws Exception {
    Files.writeString(root.resolve("f"), "one");
    Files.writeString(root.resolve("g"), "one");
    Manifest before = HostManifest.of(root);
    Files.writeString(root.resolve("f"), "two");
    Files.move(root.resolve("g"), root.resolve("h"));
    assertThat(
            before.differences(
                HostManifest.of(root), (entry, field) -> field == ManifestField.CONTENT))
        .containsExactly(
            "/f: CONTENT: expected"
                + " 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed, found"
                + " 3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3",
            "/g: missing",
            "/h: not in the truth");
  }

  @Test
  void readsFlagsAsLsattrPrintsThem() {
    assertThat(FlagLetters.parse("-----a--------e-------")).isEqualTo(0x80020);
    assertThat(FlagLetters.parse("----i---------I-----e-")).isEqualTo(0x81010);
  }
}
