package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against what {@code debugfs -R "dx_hash -h VERSION -s 01234567-89ab-cdef-..."} prints. */
class NameHashTest {
  private static final int[] SEED = {0x67452301, 0xefcdab89, 0x67452301, 0xefcdab89};
  private static final String LONG = "hello_world_this_is_a_longer_name_than_32_bytes";

  @ParameterizedTest(name = "version {0} of {1}")
  @CsvSource({
    "0, a, 0xe74b53e2, 0x0",
    "0, LONG, 0x9278d43c, 0x0",
    "0, née, 0xebe698f4, 0x0",
    "1, a, 0x35dc0cc4, 0x3f1dacef",
    "1, LONG, 0xaffb5c56, 0x7c0e5dcd",
    "1, née, 0xd996ee02, 0xe9f2b9da",
    "2, a, 0x6d0ea4c0, 0xc18922df",
    "2, LONG, 0x442b60c4, 0x54a5c42d",
    "2, née, 0xa519af7e, 0xbc27af2f",
  })
  void isWhatE2fsprogsComputes(int version, String name, String major, String minor) {
    byte[] bytes = (name.equals("LONG") ? LONG : name).getBytes(StandardCharsets.UTF_8);
    assertThat(NameHash.of(bytes, version, SEED))
        .isEqualTo(new NameHash(Long.decode(major).intValue(), Long.decode(minor).intValue()));
  }

  @ParameterizedTest
  @CsvSource({"0", "1", "2"})
  void unsignedVersionsDifferOnlyForBytesAbove127(int version) {
    byte[] plain = LONG.getBytes(StandardCharsets.UTF_8);
    byte[] accented = "née".getBytes(StandardCharsets.UTF_8);
    int unsigned = NameHash.effectiveVersion(version, true);
    assertThat(NameHash.of(plain, unsigned, SEED)).isEqualTo(NameHash.of(plain, version, SEED));
    assertThat(NameHash.of(accented, unsigned, SEED))
        .isNotEqualTo(NameHash.of(accented, version, SEED));
  }
}
