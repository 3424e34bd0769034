package io.lamina.thin.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.thin.DeviceDetails;
import io.lamina.thin.check.CheckProgress;
import io.lamina.thin.check.CheckReport;
import io.lamina.thin.check.PoolCheck;
import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.PoolFacts;
import io.lamina.thin.dump.XmlReader;
import io.lamina.thin.dump.XmlWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MetadataRestoreTest {
  private static final long DATA_BLOCKS = 40_000;
  private static final int TIME = 9;

  @TempDir Path directory;

  static LongStream seeds() {
    return LongStream.range(0, Integer.getInteger("lamina.seeds", 8));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsRestoredIsSoundAndDumpsAsTheSameText(long seed) throws Exception {
    String xml = randomXml(seed);
    Path file = restore(xml, 0);
    try (BlockDevice device = FileDevice.openReadOnly(file)) {
      CheckReport report = PoolCheck.run(device, -1, 10, CheckProgress.NONE);
      assertThat(report.shown()).isEmpty();
      ByteArrayOutputStream text = new ByteArrayOutputStream();
      MetadataReader.open(device, false).visit(new XmlWriter(text));
      assertThat(text.toString(StandardCharsets.US_ASCII)).isEqualTo(xml);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void otherPeoplesToolsAgree(long seed) throws Exception {
    String xml = randomXml(seed);
    Path file = restore(xml, 0);
    assertThat(output("thin_check", file.toString())).doesNotContain("differ", "missing", "bad");
    assertThat(output("thin_dump", file.toString())).isEqualTo(xml);
  }

  @Test
  void anEmptyPoolIsSound() throws Exception {
    Path file =
        restore(
            "<superblock time=\"0\" transaction=\"0\" data_block_size=\"128\""
                + " nr_data_blocks=\"0\"></superblock>",
            0);
    try (BlockDevice device = FileDevice.openReadOnly(file)) {
      assertThat(PoolCheck.run(device, -1, 10, CheckProgress.NONE).isSound()).isTrue();
    }
  }

  @Test
  void saysWhenTheMetadataAreTooSmall() {
    assertThatThrownBy(() -> restore(randomXml(0), 3)).hasMessageContaining("too small");
  }

  @Test
  void aHugeClaimNeedsNoMemory() {
    assertThatThrownBy(
            () ->
                restore(
                    "<superblock time=\"0\" transaction=\"0\" data_block_size=\"128\""
                        + " nr_data_blocks=\"18446744073709551615\"></superblock>",
                    0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too small");
  }

  @Test
  void readsNoOtherFileThatADocumentNames() {
    String xml =
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><superblock>&e;</superblock>";
    assertThatThrownBy(() -> restore(xml, 0)).isInstanceOf(IOException.class);
  }

  private Path restore(String xml, long blockCount) throws IOException {
    Path file = directory.resolve("metadata");
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      XmlReader.read(
          new ByteArrayInputStream(xml.getBytes(StandardCharsets.US_ASCII)),
          new MetadataRestore(channel, "metadata", blockCount));
    }
    return file;
  }

  /** Devices of many sizes; some data blocks are mapped by many. */
  private static String randomXml(long seed) throws IOException {
    Random random = new Random(seed);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    XmlWriter xml = new XmlWriter(text);
    xml.pool(new PoolFacts(TIME, 42, 0, 128, DATA_BLOCKS));
    long id = 0;
    for (int device = random.nextInt(300); device >= 0; device--) {
      id += 1 + random.nextInt(1000);
      int count = device % 50 == 0 ? random.nextInt(5000) : random.nextInt(20);
      xml.device(id, new DeviceDetails(count, random.nextInt(40), 1, random.nextInt(TIME)));
      long virtualBlockNr = random.nextInt(100);
      for (int i = 0; i < count; i++) {
        long dataBlockNr =
            random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt((int) DATA_BLOCKS);
        xml.mapping(virtualBlockNr, dataBlockNr, random.nextInt(2));
        virtualBlockNr += 1 + (random.nextBoolean() ? 0 : random.nextInt(1 << 20));
      }
      xml.endDevice();
    }
    xml.endPool();
    return text.toString(StandardCharsets.US_ASCII);
  }

  private String output(String... command) throws Exception {
    Path out = directory.resolve("out");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
    } catch (IOException e) {
      assumeTrue(false, command[0] + " is not installed: skipped");
      throw e;
    }
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    return Files.readString(out);
  }
}
