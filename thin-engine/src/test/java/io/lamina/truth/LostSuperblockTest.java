package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.thin.check.CheckProgress;
import io.lamina.thin.check.PoolCheck;
import io.lamina.thin.dump.MetadataReader;
import io.lamina.thin.dump.XmlWriter;
import io.lamina.thin.repair.KnownFacts;
import io.lamina.thin.repair.Loss;
import io.lamina.thin.repair.Salvage;
import io.lamina.thin.restore.MetadataRestore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pools of the kernel whose superblock is lost: every device is found again as it was. */
class LostSuperblockTest {
  private static final int BLOCK_BYTES = 4096;

  @TempDir Path directory;
  private final List<Loss> losses = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private Path repaired(byte[] metadata, KnownFacts known) throws IOException {
    Path damaged = Files.write(directory.resolve("damaged"), metadata);
    Path file = directory.resolve("repaired");
    try (BlockDevice source = FileDevice.openReadOnly(damaged);
        FileChannel channel =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      Salvage.Saved unused =
          Salvage.run(
              source, known, new MetadataRestore(channel, "repaired", 0), losses::add, notes::add);
    }
    return file;
  }

  /** From the first device on: the line before is what the superblock says. */
  private static String devices(Path metadata) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (BlockDevice device = FileDevice.openReadOnly(metadata)) {
      MetadataReader.open(device, false).visit(new XmlWriter(out));
    }
    String text = out.toString(StandardCharsets.US_ASCII);
    return text.substring(text.indexOf("<device"));
  }

  private void checkSoundAndAlike(Path repaired, Fixture fixture) throws Exception {
    assertThat(losses).isEmpty();
    try (BlockDevice device = FileDevice.openReadOnly(repaired)) {
      assertThat(PoolCheck.run(device, -1, 10, CheckProgress.NONE).shown()).isEmpty();
    }
    assertThat(devices(repaired)).isEqualTo(devices(fixture.metadata()));
    Path thinCheck = Path.of("/usr/sbin/thin_check");
    if (Files.isExecutable(thinCheck)) {
      Process process =
          new ProcessBuilder(thinCheck.toString(), repaired.toString())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(process.waitFor()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "KERNEL_THIN_BASIC",
        "KERNEL_THIN_SHARED_OVERFLOW",
        "KERNEL_THIN_CRASH_1",
        "KERNEL_THIN_REVOKE",
        "EXTERNAL_ORIGIN"
      })
  void isFoundInTheTreesWhereTheSuperblockIsAllZeroes(Fixture fixture) throws Exception {
    byte[] metadata = Files.readAllBytes(fixture.metadata());
    Arrays.fill(metadata, 0, BLOCK_BYTES, (byte) 0);
    int blockBytes = 65536;
    Path file = repaired(metadata, new KnownFacts(blockBytes, Files.size(fixture.data()), 0));
    checkSoundAndAlike(file, fixture);
    assertThat(notes).hasSize(3);
    assertThat(notes.get(1)).contains("all as their details say");
  }

  @ParameterizedTest
  @EnumSource(names = {"KERNEL_THIN_BASIC", "KERNEL_THIN_SHARED_OVERFLOW"})
  void isFoundWhereTheSuperblockIsGarbledInPart(Fixture fixture) throws Exception {
    byte[] metadata = Files.readAllBytes(fixture.metadata());
    metadata[400] ^= 1; // of no field: all it says is right but the checksum
    checkSoundAndAlike(repaired(metadata, KnownFacts.NONE), fixture);
    metadata[320] ^= 0x55; // data_mapping_root
    notes.clear();
    Files.delete(directory.resolve("repaired"));
    checkSoundAndAlike(repaired(metadata, KnownFacts.NONE), fixture);
  }

  @Test
  void saysWhatItCannotKnow() throws Exception {
    byte[] metadata = Files.readAllBytes(Fixture.KERNEL_THIN_BASIC.metadata());
    Arrays.fill(metadata, 0, BLOCK_BYTES, (byte) 0);
    assertThatThrownBy(() -> repaired(metadata, KnownFacts.NONE))
        .hasMessageContaining("the superblock is lost")
        .hasMessageContaining("--block-size");
    assertThatThrownBy(() -> repaired(new byte[64 * BLOCK_BYTES], new KnownFacts(65536, 0, 0)))
        .hasMessageContaining("no device is found");
  }
}
