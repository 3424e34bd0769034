package io.lamina.ondisk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Crc32cTest {
  private static final byte[] DIGITS = "123456789".getBytes(StandardCharsets.US_ASCII);

  @Test
  void isTheStandardChecksumWithoutTheLastInversion() {
    assertThat(Crc32c.of(Crc32c.ALL_ONES, DIGITS)).isEqualTo(~0xe3069283);
  }

  @Test
  void goesOnFromWhereItStopped() {
    int half = Crc32c.of(Crc32c.ALL_ONES, Arrays.copyOf(DIGITS, 4));
    assertThat(Crc32c.of(half, ByteBuffer.wrap(DIGITS), 4, 9)).isEqualTo(~0xe3069283);
  }

  @Test
  void partsHaveTheChecksumOfTheWhole() {
    byte[] front = Arrays.copyOf(DIGITS, 4);
    Crc32c.Parts parts = new Crc32c.Parts(77).add(front).add(ByteBuffer.wrap(DIGITS), 4, 9);
    assertThat(parts.checksum()).isEqualTo(Crc32c.of(77, DIGITS));
  }

  @Test
  void aNumberCountsAsItsLittleEndianBytes() {
    assertThat(Crc32c.ofLittleEndian(77, 0x04030201))
        .isEqualTo(Crc32c.of(77, new byte[] {1, 2, 3, 4}));
  }
}
