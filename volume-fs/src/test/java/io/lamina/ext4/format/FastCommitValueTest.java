package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of fast commit tags, true ones and lies. */
class FastCommitValueTest {
  private static final Geometry GEOMETRY =
      new Geometry(4096, 1000, 0, 1, 32768, 1, 64, 64, 256, 64);

  private static FastCommitValue value(ByteBuffer bytes) {
    return new FastCommitValue(bytes, "TAG", 77);
  }

  private static ByteBuffer little(int byteCount) {
    return ByteBuffer.allocate(byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer added(int inodeNr, int length, long start) {
    return little(16)
        .putInt(inodeNr)
        .putInt(5)
        .putShort((short) length)
        .putShort((short) (start >>> 32))
        .putInt((int) start);
  }

  private static ByteBuffer entry(int directoryNr, int inodeNr, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
    return little(8 + bytes.length).putInt(directoryNr).putInt(inodeNr).put(bytes);
  }

  @Test
  void trueOnesAreRead() throws CorruptException {
    assertThat(value(added(12, 3, 997)).addedRange(GEOMETRY))
        .isEqualTo(new FastCommitValue.Range(12, 5, 997, 3, true));
    assertThat(value(added(12, 0x8003, 10)).addedRange(GEOMETRY).isInitialised()).isFalse();
    assertThat(value(little(12).putInt(12).putInt(6).putInt(-1)).deletedRange(GEOMETRY))
        .isEqualTo(new FastCommitValue.Range(12, 6, 0, 0xffff_ffffL, false));
    assertThat(value(entry(2, 12, "a")).entry(GEOMETRY))
        .isEqualTo(new FastCommitValue.Entry(2, 12, Name.of("a")));
    assertThat(value(little(164).putInt(12)).inode(GEOMETRY).bytes().capacity()).isEqualTo(160);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "nul\0"})
  void aNameThatIsNoneIsRefused(String name) {
    assertLie(() -> value(entry(2, 12, name)).entry(GEOMETRY));
  }

  @Test
  void liesAreNamedWithTheirBlock() {
    assertLie(() -> value(entry(2, 12, "x".repeat(256))).entry(GEOMETRY));
    assertLie(() -> value(entry(0, 12, "a")).entry(GEOMETRY));
    assertLie(() -> value(entry(2, 65, "a")).entry(GEOMETRY));
    assertLie(() -> value(added(-1, 1, 10)).addedRange(GEOMETRY));
    assertLie(() -> value(added(12, 0, 10)).addedRange(GEOMETRY));
    assertLie(() -> value(added(12, 4, 997)).addedRange(GEOMETRY));
    assertLie(() -> value(added(12, 1, 0)).addedRange(GEOMETRY));
    assertLie(() -> value(added(12, 1, 1L << 40)).addedRange(GEOMETRY));
    assertLie(() -> value(little(15)).addedRange(GEOMETRY));
    assertLie(() -> value(little(13)).deletedRange(GEOMETRY));
    assertLie(() -> value(little(3)).inode(GEOMETRY));
    assertLie(() -> value(little(131).putInt(12)).inode(GEOMETRY));
    assertLie(() -> value(little(261).putInt(12)).inode(GEOMETRY));
  }

  private interface Reading {
    Object run() throws CorruptException;
  }

  private static void assertLie(Reading reading) {
    assertThatThrownBy(reading::run)
        .isInstanceOf(CorruptException.class)
        .hasMessageMatching("ext4 fast commit tag TAG at block 77: .*");
  }
}
