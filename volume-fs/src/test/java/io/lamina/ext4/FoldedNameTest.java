package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.FileDevice;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Directories without regard to case; e2fsck has tables of its own, and says what is a duplicate.
 */
class FoldedNameTest {
  private static final List<List<String>> PAIRS =
      List.of(
          List.of("abc", "ABC"),
          List.of("abc", "abd"),
          List.of("stra\u00dfe", "STRASSE"),
          List.of("\u1e9e", "ss"),
          List.of("\u00e9t\u00e9", "E\u0301TE\u0301"),
          List.of("e", "\u00e9"),
          List.of("\ufb01le", "FILE"),
          List.of("\u03c3\u03c2", "\u03a3\u03a3"),
          List.of("\u0130", "i\u0307"),
          List.of("\u0131", "I"),
          List.of("\u0131", "\u0130"),
          List.of("\u017f", "S"),
          List.of("\u212a", "k"),
          List.of("\u2126", "\u03c9"),
          List.of("\u00b5", "\u03bc"),
          List.of("\u1f80", "\u1f88"),
          List.of("\u1fb3", "\u03b1\u03b9"),
          List.of("\u0149", "\u02bcN"),
          List.of("\u0587", "\u0565\u0582"),
          List.of("\uab70", "\u13a0"),
          List.of("\u13f8", "\u13f0"),
          List.of("\u1c80", "\u0432"),
          List.of("\ua64b", "\u1c88"),
          List.of("\ud801\udc00", "\ud801\udc28"),
          List.of("\uac00", "\u1100\u1161"),
          List.of("a\u00adb", "ab"),
          List.of("a\u200db", "ab"),
          List.of("a\ufe0f", "a"),
          List.of("\uff21", "\uff41"),
          List.of("\uff21", "a"),
          List.of("\u2460", "1"),
          List.of("\u01c4", "\u01c5"),
          List.of("\u0345", "\u03b9"));

  @TempDir(factory = InMemory.class)
  Path directory;

  private static boolean areSame(List<String> pair) {
    return FoldedName.of(Name.of(pair.get(0))).equals(FoldedName.of(Name.of(pair.get(1))));
  }

  @Test
  void namesAreTheSameThatE2fsckTakesForTheSame() throws IOException {
    Tools.require("mke2fs", "debugfs", "e2fsck");
    Path image = E2fsprogs.mke2fs(directory.resolve("image"), "8M", "-t ext4 -O casefold");
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < PAIRS.size(); i++) {
      commands.append("mkdir d" + i + "\ncd d" + i + "\n");
      for (String name : PAIRS.get(i)) {
        commands.append("mknod " + name + " p\n");
      }
      commands.append("cd /\nset_inode_field d" + i + " flags 0x40080000\n");
    }
    E2fsprogs.debugfs(image, commands.toString());
    try (Ext4 opened = Ext4.open(FileDevice.openReadOnly(image))) {
      for (int i = 0; i < PAIRS.size(); i++) {
        Node found = opened.root().child(Name.of("d" + i)).child(Name.of(PAIRS.get(i).get(1)));
        assertThat(found).isNotNull();
      }
    }
    String said = E2fsprogs.run(List.of("e2fsck", "-fyD", image.toString()), "", 1);
    for (int i = 0; i < PAIRS.size(); i++) {
      boolean isDuplicate = said.matches("(?s).* in /d" + i + " \\(\\d+\\) has a non-unique .*");
      assertThat(areSame(PAIRS.get(i))).as(PAIRS.get(i) + " in: " + said).isEqualTo(isDuplicate);
    }
  }

  @ParameterizedTest
  @CsvSource({"-b 4096", "-b 4096 -O inline_data", "-b 1024"})
  void lookupsFindNamesInAnyCaseWhereTheDirectorySaysSo(String options) throws IOException {
    Tools.require("mke2fs", "debugfs", "e2fsck");
    Path image =
        E2fsprogs.mke2fs(directory.resolve("image"), "8M", "-t ext4 " + options + " -O casefold");
    StringBuilder commands = new StringBuilder("mkdir folded\nmkdir plain\n");
    for (String parent : List.of("folded", "plain")) {
      commands.append("cd /" + parent + "\n");
      for (int i = 0; i < 60; i++) {
        commands.append("mknod Name-of-some-length-" + i + " p\n");
      }
    }
    commands.append("cd /\nset_inode_field folded flags 0x40080000\n");
    E2fsprogs.debugfs(image, commands.toString());
    E2fsprogs.run(List.of("e2fsck", "-fyD", image.toString()), "", 1);
    try (Ext4 opened = Ext4.open(FileDevice.openReadOnly(image))) {
      Node folded = opened.root().child(Name.of("folded"));
      Node plain = opened.root().child(Name.of("plain"));
      for (int i = 0; i < 60; i++) {
        Name other = Name.of("nAME-OF-some-length-" + i);
        assertThat(folded.child(other))
            .isNotNull()
            .isEqualTo(folded.child(Name.of("Name-of-some-length-" + i)));
        assertThat(plain.child(other)).isNull();
      }
      assertThat(folded.child(Name.of("Name-of-some-length-60"))).isNull();
    }
  }

  @Test
  void aNameThatIsNoUtf8IsOnlyItself() {
    Name name = Name.ofBytes(new byte[] {'A', (byte) 0xff});
    assertThat(FoldedName.of(name)).isEqualTo(name);
    Name latin = Name.ofBytes("\u00c4".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(FoldedName.of(latin)).isEqualTo(latin);
  }
}
