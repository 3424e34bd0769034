package io.lamina.thin.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.ondisk.CorruptException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class MetadataReaderTest {
  @ParameterizedTest
  @EnumSource(
      names = "DAMAGED_METADATA|LVM_THIN|DOCKER.*_(AUFS|OVERLAY2)|AUFS_UNION",
      mode = Mode.MATCH_NONE)
  void writesTheTextOfThinDump(Fixture fixture) throws Exception {
    assertThat(dump(fixture.metadata(), false))
        .isEqualTo(Files.readString(fixture.truth().file("thin_dump.xml")));
  }

  @Test
  void showsTheMetadataSnapshotAsThinDumpDoes() throws Exception {
    Fixture fixture = Fixture.KERNEL_THIN_SHARED_OVERFLOW;
    assertThat(dump(fixture.metadata(), true))
        .isEqualTo(Files.readString(fixture.truth().file("thin_dump-held-root.xml")));
  }

  @Test
  void saysWhenThereIsNoMetadataSnapshot() {
    assertThatThrownBy(() -> dump(Fixture.KERNEL_THIN_BASIC.metadata(), true))
        .hasMessageContaining("no metadata snapshot");
  }

  @Test
  void endsWithTheNameOfTheDamage() {
    assertThatThrownBy(() -> dump(Fixture.DAMAGED_METADATA.file("node-bitflip.img"), false))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("at block 28: checksum");
  }

  private static String dump(Path metadata, boolean snapshot) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (BlockDevice device = FileDevice.openReadOnly(metadata)) {
      MetadataReader.open(device, snapshot).visit(new XmlWriter(text));
    }
    return text.toString(StandardCharsets.US_ASCII);
  }
}
