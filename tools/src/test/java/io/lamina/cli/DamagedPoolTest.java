package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Fixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code lamina volume ls} of each damaged copy of a pool's metadata: exit code 3 and one line that
 * names structure, block, field, what was expected and what was found.
 */
class DamagedPoolTest {
  private record Result(int exitCode, String out, String err) {}

  private static Result volumes(Path metadata) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      String[] command = {
        "volume",
        "ls",
        "--metadata",
        metadata.toString(),
        "--data",
        Fixture.KERNEL_THIN_BASIC.data().toString()
      };
      int exitCode = Lamina.run(new Console(out, errors, false, false), command);
      return new Result(
          exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  private static Path image(String copy) throws IOException {
    return Fixture.DAMAGED_METADATA.file(copy + ".img");
  }

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "damaged-metadata.txt", delimiter = '|', maxCharsPerColumn = 1000)
  void isOneLineThatNamesTheDamage(String copy, String damage) throws IOException {
    Result result = volumes(image(copy));
    assertThat(result.exitCode).as(result.err).isEqualTo(3);
    assertThat(result.err).startsWith("lamina: ").endsWith(damage + "\n").hasLineCount(1);
  }

  /**
   * What is wrong in these lies where a list of volumes does not look: a feature that only forbids
   * writing, a flag that asks for a check, a held root that nobody asked for.
   */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"sb-compat-ro-feature", "sb-needs-check", "sb-held-root-garbage"})
  void isReadAsIfItWereSound(String copy) throws IOException {
    Result sound = volumes(Fixture.KERNEL_THIN_BASIC.metadata());
    assertThat(volumes(image(copy))).isEqualTo(sound);
    assertThat(sound.exitCode).isZero();
  }

  /** The count is what the column shows; only a walk over all mappings, a check, knows better. */
  @Test
  void aWrongCountOfMappedBlocksIsShownAsItIs() throws IOException {
    Result result = volumes(image("details-mapped-count-wrong"));
    assertThat(result.exitCode).isZero();
    assertThat(result.err).isEmpty();
    assertThat(result.out).containsPattern("0 +0 +256.0 MiB +448.0 KiB ");
  }

  @Test
  void noCopyIsLeftOut() throws IOException {
    try (Stream<Path> files = Files.list(Fixture.DAMAGED_METADATA.directory())) {
      assertThat(files.filter(file -> file.toString().endsWith(".img"))).hasSize(44);
    }
  }
}
