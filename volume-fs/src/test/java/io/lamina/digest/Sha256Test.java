package io.lamina.digest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Sha256Test {
  /** FIPS 180-4's example of one block. */
  private static final String OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static final String OF_NOTHING =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  private static final int LARGE_BYTES = 300_000;

  @Test
  void givesTheDigestOfTheStandardsExample() {
    MessageDigest digest = Sha256.start();
    digest.update("abc".getBytes(StandardCharsets.US_ASCII));
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(OF_ABC);
  }

  @Test
  void beginsAnewOnceItWasAskedForAndWhenItIsReset() {
    MessageDigest digest = Sha256.start();
    digest.update(new byte[LARGE_BYTES]);
    digest.digest();
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(OF_NOTHING);
    digest.update(new byte[LARGE_BYTES]);
    digest.reset();
    assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(OF_NOTHING);
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 20));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void agreesWithJavasOwnHoweverTheBytesCome(long seed) throws Exception {
    Random random = new Random(seed);
    byte[] bytes = new byte[random.nextInt(LARGE_BYTES)];
    random.nextBytes(bytes);
    MessageDigest digest = Sha256.start();
    int at = 0;
    while (at < bytes.length) {
      int count = Math.min(bytes.length - at, 1 + random.nextInt(1 << random.nextInt(18)));
      if (count == 1) {
        digest.update(bytes[at]);
      } else {
        digest.update(bytes, at, count);
      }
      at += count;
    }
    assertThat(digest.digest()).isEqualTo(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  @Test
  void isLibcryptosWhereThereIsOne() {
    assumeTrue(Sha256.anyOf("libcrypto.so.3") != null, "libcrypto.so.3 is not installed");
    assertThat(Sha256.start()).isInstanceOf(NativeSha256.class);
  }

  @Test
  void aLibraryThatIsMissingOrHasNoDigestsIsPassedOver() {
    assertThat(Sha256.anyOf("libcrypto.so.none", "libm.so.6")).isNull();
  }
}
