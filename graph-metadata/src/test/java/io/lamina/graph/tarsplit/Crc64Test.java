package io.lamina.graph.tarsplit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc64Test {
  /**
   * What CRC-64/GO-ISO gives for the customary nine digits.
   *
   * @see <a href="https://reveng.sourceforge.io/crc-catalogue/17plus.htm">catalogue</a>
   */
  private static final long CHECK = 0xb909_56c7_75a4_1001L;

  @Test
  void isTheSumOfTheCatalogue() {
    Crc64 sum = new Crc64();
    sum.update("123456789".getBytes(StandardCharsets.US_ASCII));
    assertThat(sum.getValue()).isEqualTo(CHECK);
  }

  @Test
  void isTheSameInPiecesOfAnyLength() {
    Random random = new Random(1);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      Crc64 byteByByte = new Crc64();
      for (byte b : bytes) {
        byteByByte.update(b);
      }
      Crc64 pieces = new Crc64();
      int cut = random.nextInt(bytes.length + 1);
      pieces.update(bytes, 0, cut);
      pieces.update(bytes, cut, bytes.length - cut);
      assertThat(pieces.getValue()).isEqualTo(byteByByte.getValue());
    }
  }
}
