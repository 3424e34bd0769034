package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted directories show what the kernel shows that wrote them, once it has no key. */
class EncryptedTest {
  private static final String FILES =
      """
      mkdir -p dir/sub many
      for n in 1 15 16 17 31 32 33 100 143 149 150 180 200 255; do
        echo hello > dir/$(printf "%0${n}d" 7)
      done
      ln -s target dir/link
      ln -s $(printf '%0200d' 3) dir/long-link
      mkfifo dir/fifo
      ln dir/sub/../fifo dir/second
      for i in $(seq 300); do echo $i > many/name$i; done
      touch at-the-top
      """;

  private static final Map<FileType, String> LETTERS =
      Map.of(
          FileType.REGULAR,
          "f",
          FileType.DIRECTORY,
          "d",
          FileType.SYMLINK,
          "l",
          FileType.FIFO,
          "p");

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path image(String options) throws IOException {
    Tools.require("mke2fs", "mount", "bash", "find");
    Path image =
        E2fsprogs.mke2fs(directory.resolve("image"), "64M", "-t ext4 -O encrypt " + options);
    KernelMount mount = KernelMount.ifPossible(image, "test_dummy_encryption");
    assumeTrue(mount != null, "this kernel encrypts no ext4, or not for this user");
    try (mount) {
      SampleTree.run(mount.directory(), FILES);
    }
    return image;
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {"-b 4096", "-b 1024", "-b 4096 -O inline_data", "-b 1024 -O ^dir_index", "-I 512"})
  void showsWhatTheKernelShowsWithoutTheKey(String options) throws IOException {
    Path image = image(options);
    TreeSet<String> seen = new TreeSet<>();
    try (Ext4 opened = Ext4.open(new FileImage(image))) {
      describe("", opened.root(), seen);
    }
    KernelMount mount = KernelMount.ifPossible(image, "ro");
    try (mount) {
      String find = "find . -mindepth 1 -printf '%P %y %m %s %n %i %l\\n'";
      String shown = Tools.run(0, "cd " + mount.directory() + "\n" + find + "\n", "bash", "-e");
      assertThat(seen).hasSizeGreaterThan(300).containsExactlyElementsOf(sorted(shown));
    }
  }

  private static NavigableSet<String> sorted(String lines) {
    NavigableSet<String> sorted = new TreeSet<>();
    lines.lines().forEach(sorted::add);
    return sorted;
  }

  private static void describe(String path, Node parent, Set<String> seen) throws IOException {
    TreeSet<Name> names = new TreeSet<>();
    parent.list(0, (name, nr, type, next) -> names.add(name));
    for (Name name : names) {
      Node node = parent.child(name);
      Attributes a = node.attributes();
      String target = a.type() == FileType.SYMLINK ? node.readLink().latin1() : "";
      String at = path + name.latin1();
      seen.add(
          String.format(
              "%s %s %o %d %d %d %s",
              at,
              LETTERS.get(a.type()),
              a.permissions(),
              a.size(),
              a.linkCount(),
              a.inodeNr(),
              target));
      if (a.isDirectory()) {
        describe(at + "/", node, seen);
      }
    }
  }

  @Test
  void aFileCannotBeOpenedWithoutTheKey() throws IOException {
    try (Ext4 opened = Ext4.open(new FileImage(image("-b 4096")))) {
      TreeSet<Name> names = new TreeSet<>();
      opened.root().list(0, (name, nr, type, next) -> type != FileType.REGULAR || names.add(name));
      assertThat(names).isNotEmpty();
      for (Name name : names) {
        Node file = opened.root().child(name);
        assertThatThrownBy(file::open)
            .isInstanceOfSatisfying(
                FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOKEY));
      }
    }
  }
}
