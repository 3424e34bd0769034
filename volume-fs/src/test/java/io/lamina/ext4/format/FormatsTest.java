package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.ondisk.CorruptException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Small formats that are turned into what the kernel shows. */
class FormatsTest {
  private static final Site SITE = new Site("ext4 inode", 12, 34);

  @Test
  void timesReachFrom1901To2446() {
    assertThat(InodeTime.seconds(0x8000_0000, 0))
        .isEqualTo(Instant.parse("1901-12-13T20:45:52Z").getEpochSecond());
    assertThat(InodeTime.seconds(0x8000_0000, 1))
        .isEqualTo(Instant.parse("2038-01-19T03:14:08Z").getEpochSecond());
    assertThat(InodeTime.seconds(0x7fff_ffff, 3))
        .isEqualTo(Instant.parse("2446-05-10T22:38:55Z").getEpochSecond());
    assertThat(InodeTime.nanos(999_999_999 << 2 | 3)).isEqualTo(999_999_999);
  }

  @Test
  void accessControlListsGetAnIdInEachEntry() throws Exception {
    byte[] stored =
        HexFormat.of()
            .parseHex(
                "01000000"
                    + "01000600"
                    + "02000700e8030000"
                    + "04000400"
                    + "10000700"
                    + "20000400");
    assertThat(HexFormat.of().formatHex(AclFormat.shown(stored, SITE)))
        .isEqualTo(
            "02000000"
                + "01000600ffffffff"
                + "02000700e8030000"
                + "04000400ffffffff"
                + "10000700ffffffff"
                + "20000400ffffffff");
  }

  @Test
  void aTruncatedAccessControlListIsDamage() {
    byte[] stored = HexFormat.of().parseHex("0100000002000700e803");
    assertThatThrownBy(() -> AclFormat.shown(stored, SITE))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("ext4 inode 12 at block 34: entry of an access control list");
  }

  @Test
  void encryptedNamesAreShownInTheAlphabetOfUrls() throws Exception {
    byte[] encrypted = new byte[16];
    Arrays.fill(encrypted, (byte) 0xff);
    byte[] shown = NoKeyName.of(encrypted, new NameHash(1, 2), SITE);
    byte[] decoded = Base64.getUrlDecoder().decode(shown);
    assertThat(decoded).hasSize(24).startsWith(1, 0, 0, 0, 2, 0, 0, 0).endsWith(encrypted);
    assertThat(new String(shown, StandardCharsets.US_ASCII)).doesNotContain("=", "+", "/");
  }

  @Test
  void longEncryptedNamesEndWithADigest() throws Exception {
    byte[] shown = NoKeyName.of(new byte[255], new NameHash(0, 0), SITE);
    assertThat(Base64.getUrlDecoder().decode(shown)).hasSize(8 + 149 + 32);
    assertThat(shown).hasSize(252);
  }

  @Test
  void anEncryptedNameCannotBeShort() {
    assertThatThrownBy(() -> NoKeyName.of(new byte[15], new NameHash(0, 0), SITE))
        .isInstanceOf(CorruptException.class);
  }

  @Test
  void crc16IsTheOneOfModbus() {
    java.nio.ByteBuffer digits =
        java.nio.ByteBuffer.wrap("123456789".getBytes(StandardCharsets.US_ASCII));
    assertThat(Crc16.of(0xffff, digits, 0, 9)).isEqualTo(0x4b37);
  }
}
