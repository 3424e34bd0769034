package io.lamina.ext4.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.ondisk.CorruptException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AclTest {
  private static final Site SITE = new Site("ext4 inode", 12, 34);

  /** {@code setfacl -m u:1000:rwx} of a file of 0644, as the kernel hands it out. */
  private static final String SHOWN =
      "02000000"
          + "01000600ffffffff"
          + "02000700e8030000"
          + "04000400ffffffff"
          + "10000700ffffffff"
          + "20000400ffffffff";

  /** The same as the kernel stores it. */
  private static final String STORED =
      "01000000" + "01000600" + "02000700e8030000" + "04000400" + "10000700" + "20000400";

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  private static Acl acl() throws FsException {
    return Acl.ofShown(hex(SHOWN));
  }

  @Test
  void isStoredAndReadBack() throws Exception {
    assertThat(acl().stored()).isEqualTo(hex(STORED));
    assertThat(Acl.ofStored(hex(STORED), SITE).stored()).isEqualTo(hex(STORED));
  }

  @Test
  void itsMaskIsTheGroupsPermissions() throws FsException {
    assertThat(acl().permissions(04000)).isEqualTo(04674);
    assertThat(acl().equalsPermissions()).isFalse();
  }

  @Test
  void aChangeOfPermissionsChangesTheMask() throws FsException {
    Acl changed = acl().withPermissions(0751);
    assertThat(changed.permissions(0)).isEqualTo(0751);
    assertThat(HexFormat.of().formatHex(changed.stored()))
        .isEqualTo(
            "01000000" + "01000700" + "02000700e8030000" + "04000400" + "10000500" + "20000100");
  }

  @Test
  void aNewFileGetsNoRightThatWasNotAskedFor() throws FsException {
    Acl.Inherited inherited = acl().inherit(01640);
    assertThat(inherited.permissions()).isEqualTo(01640);
    assertThat(inherited.acl().permissions(0)).isEqualTo(0640);
    assertThat(acl().inherit(0777).permissions()).isEqualTo(0674);
  }

  @Test
  void aListOfThreeEntriesSaysWhatPermissionsSay() throws FsException {
    Acl three =
        Acl.ofShown(hex("02000000" + "01000600ffffffff" + "04000400ffffffff" + "20000400ffffffff"));
    assertThat(three.equalsPermissions()).isTrue();
    assertThat(three.permissions(0777)).isEqualTo(0644);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "0200",
        "020000000100",
        "0200000001000600ffffffff", // others are missing
        "0200000004000400ffffffff01000600ffffffff20000400ffffffff", // out of order
        "0200000001000600ffffffff01000600ffffffff04000400ffffffff20000400ffffffff", // twice
        "0200000001000600ffffffff02000700e803000004000400ffffffff20000400ffffffff", // no mask
        "0200000001000900ffffffff04000400ffffffff20000400ffffffff", // no such right
      })
  void anotherListIsRefused(String shown) {
    assertThatThrownBy(() -> Acl.ofShown(hex(shown)).requireSound())
        .isInstanceOfSatisfying(
            FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }

  @Test
  void oneWithoutEntriesTakesAListAway() throws Exception {
    assertThat(Acl.ofShown(hex("02000000")).isEmpty()).isTrue();
    assertThatThrownBy(() -> Acl.ofStored(hex("02000000"), SITE))
        .isInstanceOf(CorruptException.class);
  }
}
