package io.lamina.thin.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.PoolFacts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumeDiffTest {
  @ParameterizedTest
  @CsvSource({"0, 1, false", "1, 2, true", "2, 0, false", "3, 5, true", "4, 4, true"})
  void writesTheTextOfThinDelta(long left, long right, boolean verbose) throws Exception {
    Path metadata = Fixture.KERNEL_THIN_BASIC.metadata();
    List<String> command = new ArrayList<>(List.of("thin_delta", "--snap1", "" + left));
    command.addAll(List.of("--snap2", "" + right));
    if (verbose) {
      command.add("--verbose");
    }
    command.add(metadata.toString());
    Process delta;
    try {
      delta = new ProcessBuilder(command).start();
    } catch (IOException e) {
      assumeTrue(false, "thin_delta is not installed: skipped");
      throw e;
    }
    String expected = new String(delta.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (BlockDevice device = FileDevice.openReadOnly(metadata)) {
      MetadataReader pool = MetadataReader.open(device, false);
      DiffXml xml = new DiffXml(text, verbose);
      xml.begin(PoolFacts.of(pool.superblock()), left, right);
      VolumeDiff.run(pool, left, right, xml);
      xml.end();
    }
    assertThat(text.toString(StandardCharsets.US_ASCII)).isEqualTo(expected);
  }

  @Test
  void findsTheBlocksOfADataRegion() throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (BlockDevice device = FileDevice.openReadOnly(Fixture.KERNEL_THIN_BASIC.metadata())) {
      ReverseMap.run(MetadataReader.open(device, false), 516, 518, text);
    }
    assertThat(text.toString(StandardCharsets.US_ASCII).lines())
        .containsExactly(
            "data 516..517 -> thin(0) 1..2",
            "data 516..517 -> thin(1) 1..2",
            "data 516..517 -> thin(2) 1..2",
            "data 516..517 -> thin(3) 1..2",
            "data 517..518 -> thin(0) 2048..2049",
            "data 517..518 -> thin(1) 2048..2049",
            "data 517..518 -> thin(2) 2048..2049",
            "data 517..518 -> thin(3) 2048..2049");
  }
}
