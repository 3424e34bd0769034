package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Fixture;
import io.lamina.images.HostTool;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lamina import}, of what docker export wrote. */
class ImportCommandTest {
  @TempDir Path scratch;

  private String root = "";
  private String tar = "";

  @BeforeEach
  void makeAStore() throws IOException {
    assumeTrue(HostTool.exists("mkfs.ext4"), "mkfs.ext4 is not installed");
    root = scratch.resolve("store").toString();
    tar = Fixture.DOCKER_AUFS.docker("export-c1.tar").toString();
    assertThat(CommandRun.of("init", root, "--data-size", "1G").err()).isEmpty();
  }

  private static String said(String... args) throws IOException {
    CommandRun run = CommandRun.of(args);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  @Test
  void theLayerIsTheTarAndTheConfigWhatWasSaid() throws IOException {
    String id =
        said(
                "import",
                "--root",
                root,
                "-c",
                "CMD [\"/bin/sh\"]",
                "-c",
                "ENV A=b c=d",
                "-m",
                "first",
                tar,
                "base:1")
            .strip();
    assertThat(id).startsWith("sha256:");
    Map<String, SavedTar.Member> saved = SavedTar.members(said("save", "--root", root, "base:1"));
    String config = saved.get(id.substring("sha256:".length()) + ".json").content();
    assertThat(config)
        .contains("\"Env\":[\"A=b\",\"c=d\"],\"Cmd\":[\"/bin/sh\"]")
        .contains("\"comment\":\"first\"}],\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\"");
    List<String> layers =
        saved.keySet().stream().filter(name -> name.endsWith("/layer.tar")).toList();
    assertThat(layers).hasSize(1);
    String expected = Files.readString(Path.of(tar), StandardCharsets.ISO_8859_1);
    assertThat(saved.get(layers.get(0)).content().equals(expected)).isTrue();
  }

  @Test
  void theTarMayBeCompressed() throws IOException {
    Path compressed = scratch.resolve("root.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(compressed))) {
      Files.copy(Path.of(tar), out);
    }
    String id = said("import", "--root", root, compressed.toString()).strip();
    assertThat(said("images", "--root", root, "--no-trunc", "-q")).isEqualTo(id + "\n");
    assertThat(said("history", "--root", root, "--format", "{{.Comment}}", id))
        .isEqualTo("Imported from -\n");
  }

  @Test
  void whatIsNoTarLeavesNothing() throws IOException {
    Path text = Files.writeString(scratch.resolve("text"), "no tar ".repeat(200));
    CommandRun run = CommandRun.of("import", "--root", root, text.toString(), "base:1");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("lamina: not a tar").hasLineCount(1);
    assertThat(said("images", "--root", root, "-q")).isEmpty();
    assertThat(Path.of(root, "graph")).isEmptyDirectory();
  }

  @Test
  void anInstructionThatIsNoneIsWrongUsage() throws IOException {
    CommandRun run = CommandRun.of("import", "--root", root, "-c", "RUN true", tar);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("RUN is not a valid change command");
    assertThat(Path.of(root, "graph")).isEmptyDirectory();
  }
}
