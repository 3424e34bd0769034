package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Fixture;
import java.io.IOException;
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
  private static CommandRun volumes(Path metadata) throws IOException {
    return CommandRun.of(
        "volume",
        "ls",
        "--metadata",
        metadata.toString(),
        "--data",
        Fixture.KERNEL_THIN_BASIC.data().toString());
  }

  private static Path image(String copy) throws IOException {
    return Fixture.DAMAGED_METADATA.file(copy + ".img");
  }

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "damaged-metadata.txt", delimiter = '|', maxCharsPerColumn = 1000)
  void isOneLineThatNamesTheDamage(String copy, String damage) throws IOException {
    CommandRun result = volumes(image(copy));
    assertThat(result.exitCode()).as(result.err()).isEqualTo(3);
    assertThat(result.err()).startsWith("lamina: ").endsWith(damage + "\n").hasLineCount(1);
  }

  /**
   * What is wrong in these lies where a list of volumes does not look: a feature that only forbids
   * writing, a flag that asks for a check, a held root that nobody asked for.
   */
  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"sb-compat-ro-feature", "sb-needs-check", "sb-held-root-garbage"})
  void isReadAsIfItWereSound(String copy) throws IOException {
    CommandRun sound = volumes(Fixture.KERNEL_THIN_BASIC.metadata());
    CommandRun read = volumes(image(copy));
    assertThat(read.out()).isEqualTo(sound.out());
    assertThat(read.err()).isEmpty();
    assertThat(read.exitCode()).isZero();
    assertThat(sound.exitCode()).isZero();
  }

  /** The count is what the column shows; only a walk over all mappings, a check, knows better. */
  @Test
  void aWrongCountOfMappedBlocksIsShownAsItIs() throws IOException {
    CommandRun result = volumes(image("details-mapped-count-wrong"));
    assertThat(result.exitCode()).isZero();
    assertThat(result.err()).isEmpty();
    assertThat(result.out()).containsPattern("0 +0 +256.0 MiB +448.0 KiB ");
  }

  @Test
  void noCopyIsLeftOut() throws IOException {
    try (Stream<Path> files = Files.list(Fixture.DAMAGED_METADATA.directory())) {
      assertThat(files.filter(file -> file.toString().endsWith(".img"))).hasSize(44);
    }
  }
}
