package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.XattrMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of files: e2fsck finds in order what was changed, the kernel sees the same. */
class NamespaceTest {
  private static final Owner OWNER = new Owner(1000, 70000);
  private static final int MANY = Integer.getInteger("lamina.names", 30_000);

  @TempDir(factory = InMemory.class)
  Path directory;

  private static Name name(String text) {
    return Name.of(text);
  }

  private static NewFile file(int permissions) {
    return NewFile.regular(permissions, OWNER);
  }

  private static Node make(Node parent, String name) throws IOException {
    return parent.create(name(name), file(0644));
  }

  private static Node makeDirectory(Node parent, String name) throws IOException {
    return parent.create(name(name), NewFile.directory(0755, OWNER));
  }

  private static void fails(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  private static Set<String> names(Node parent) throws IOException {
    Set<String> names = new TreeSet<>();
    parent.list(
        0,
        (name, nr, type, next) -> {
          assertThat(names.add(name.latin1())).as("told once: %s", name).isTrue();
          return true;
        });
    return names;
  }

  private static NewFile device(FileType type, int major, int minor) {
    return new NewFile(type, 0600, 0, OWNER, major, minor);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "-b 4096",
        "-b 4096 -O ^has_journal",
        "-b 4096 -O ^metadata_csum",
        "-b 4096 -O ^64bit",
        "-b 4096 -O ^extent,^64bit",
        "-b 1024",
        "-b 1024 -O ^dir_index,^filetype",
        "-b 4096 -O bigalloc -C 16384",
        "-b 4096 -O inline_data",
        "-b 1024 -O ea_inode",
        "-b 4096 -O orphan_file",
        "-b 4096 -O metadata_csum_seed",
        "-b 1024 -O large_dir",
        "-b 4096 -I 128",
      })
  void allThatNamesCanDo(String options) throws IOException {
    WritableImage image = new WritableImage(directory, "64M", options);
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      Node dir = makeDirectory(root, "dir");
      Node file = make(dir, "file");
      assertThat(file.attributes().userId()).isEqualTo(OWNER.userId());
      assertThat(file.attributes().groupId()).isEqualTo(OWNER.groupId());
      root.create(name("fifo"), device(FileType.FIFO, 0, 0));
      root.create(name("socket"), device(FileType.SOCKET, 0, 0));
      root.create(name("null"), device(FileType.CHARACTER_DEVICE, 1, 3));
      root.create(name("disk"), device(FileType.BLOCK_DEVICE, 300, 70000));
      for (int length : new int[] {1, 59, 60, 61, 500, 1000}) {
        Name target = name("t".repeat(length));
        Node link = root.createSymlink(name("link" + length), target, OWNER);
        assertThat(link.readLink()).isEqualTo(target);
      }
      dir.create(Name.ofBytes(new byte[] {(byte) 0xff, '\n', (byte) 0x80}), file(0600));
      make(dir, "n".repeat(255));
      root.link(name("hard"), file);
      assertThat(file.attributes().linkCount()).isEqualTo(2);
      renames(root, dir, file);
      attributes(root, dir);
      grow(makeDirectory(root, "grown"), 400);
      gone(root);
      assertThat(names(root)).contains("dir", "fifo", "grown").doesNotContain("gone");
    }
    image.check();
    image.compareWithKernel();
  }

  private static void renames(Node root, Node dir, Node file) throws IOException {
    Node other = makeDirectory(root, "other");
    Node below = makeDirectory(dir, "below");
    dir.rename(name("below"), other, name("moved"), RenameMode.NO_REPLACE);
    assertThat(other.child(name("moved"))).isEqualTo(below);
    assertThat(dir.attributes().linkCount()).isEqualTo(2);
    assertThat(other.attributes().linkCount()).isEqualTo(3);
    fails(Errno.EINVAL, () -> root.rename(name("other"), below, name("x"), RenameMode.REPLACE));
    fails(
        Errno.ENOTEMPTY,
        () -> other.rename(name("moved"), root, name("other"), RenameMode.REPLACE));
    make(root, "replaced");
    fails(Errno.EEXIST, () -> root.rename(name("hard"), root, name("dir"), RenameMode.NO_REPLACE));
    fails(Errno.EISDIR, () -> root.rename(name("hard"), root, name("dir"), RenameMode.REPLACE));
    fails(Errno.ENOTDIR, () -> root.rename(name("dir"), root, name("hard"), RenameMode.REPLACE));
    root.rename(name("hard"), root, name("replaced"), RenameMode.REPLACE);
    assertThat(root.child(name("replaced"))).isEqualTo(file);
    dir.rename(name("file"), root, name("replaced"), RenameMode.REPLACE); // the same file: nothing
    assertThat(dir.child(name("file"))).isEqualTo(file);
    root.rename(name("replaced"), other, name("moved"), RenameMode.EXCHANGE);
    assertThat(root.child(name("replaced"))).isEqualTo(below);
    assertThat(other.attributes().linkCount()).isEqualTo(2);
    makeDirectory(root, "empty");
    root.rename(name("replaced"), root, name("empty"), RenameMode.REPLACE);
    fails(Errno.ENOENT, () -> root.rename(name("no"), root, name("x"), RenameMode.REPLACE));
    fails(Errno.ENOENT, () -> root.rename(name("dir"), root, name("x"), RenameMode.EXCHANGE));
  }

  private static void attributes(Node root, Node dir) throws IOException {
    Node file = make(dir, "attributes");
    Timestamp far = new Timestamp(5_000_000_000L, 123_456_789);
    file.change(
        AttributeChange.NONE
            .withPermissions(06751)
            .withOwner(new Owner(4_000_000_000L, 5))
            .withTimes(new Timestamp(-1, 5), null));
    Attributes changed = file.attributes();
    assertThat(changed.permissions()).isEqualTo(06751);
    assertThat(changed.userId()).isEqualTo(4_000_000_000L);
    file.change(AttributeChange.NONE.withTimes(null, far));
    assertThat(file.attributes().accessTime().seconds()).isEqualTo(-1);
    for (int i = 0; i < 8; i++) {
      file.setXattr(name("user.a" + i), ("value " + i).repeat(i).getBytes(US), XattrMode.CREATE);
    }
    fails(Errno.EEXIST, () -> file.setXattr(name("user.a1"), new byte[1], XattrMode.CREATE));
    fails(Errno.ENODATA, () -> file.setXattr(name("user.no"), new byte[1], XattrMode.REPLACE));
    fails(Errno.ENODATA, () -> file.removeXattr(name("user.no")));
    fails(Errno.EOPNOTSUPP, () -> file.setXattr(name("system.x"), new byte[1], XattrMode.ANY));
    file.removeXattr(name("user.a3"));
    file.setXattr(name("trusted.t"), new byte[300], XattrMode.ANY);
    file.setXattr(name("security.s"), new byte[0], XattrMode.ANY);
    file.setXattr(name("user.a5"), "new".getBytes(US), XattrMode.REPLACE);
    assertThat(file.xattrNames()).hasSize(9).contains(name("trusted.t")).doesNotContain(name("x"));
    assertThat(file.xattr(name("user.a5"))).isEqualTo("new".getBytes(US));
    assertThat(root.child(name("dir"))).isEqualTo(dir);
  }

  private static final java.nio.charset.Charset US = java.nio.charset.StandardCharsets.US_ASCII;

  /** Makes a directory grow, and takes every other name away again. */
  private static void grow(Node parent, int count) throws IOException {
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < count; i++) {
      make(parent, "a-rather-long-name-for-a-file-" + i);
      expected.add("a-rather-long-name-for-a-file-" + i);
    }
    for (int i = 0; i < count; i += 2) {
      parent.unlink(name("a-rather-long-name-for-a-file-" + i));
      expected.remove("a-rather-long-name-for-a-file-" + i);
    }
    assertThat(names(parent)).isEqualTo(expected);
    assertThat(parent.child(name("a-rather-long-name-for-a-file-0"))).isNull();
    assertThat(parent.child(name("a-rather-long-name-for-a-file-1"))).isNotNull();
  }

  private static void gone(Node root) throws IOException {
    Node gone = makeDirectory(root, "gone");
    makeDirectory(gone, "inner");
    fails(Errno.ENOTEMPTY, () -> root.removeDirectory(name("gone")));
    fails(Errno.EISDIR, () -> root.unlink(name("gone")));
    fails(Errno.ENOTDIR, () -> root.removeDirectory(name("fifo")));
    gone.removeDirectory(name("inner"));
    root.removeDirectory(name("gone"));
    fails(Errno.ESTALE, gone::attributes);
    fails(Errno.ESTALE, () -> make(gone, "x"));
    fails(Errno.EEXIST, () -> make(root, "fifo"));
    fails(Errno.ENAMETOOLONG, () -> make(root, "n".repeat(256)));
    fails(Errno.ENOENT, () -> root.unlink(name("no such name")));
  }

  @Test
  void aFileLivesAsLongAsItIsHeld() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      long before = volume.space().freeFileCount();
      Node file = make(root, "file");
      Node.Hold hold = file.hold();
      root.unlink(name("file"));
      assertThat(file.attributes().linkCount()).isZero();
      fails(Errno.ENOENT, () -> root.link(name("again"), file));
      hold.close();
      hold.close();
      fails(Errno.ESTALE, file::attributes);
      fails(Errno.ESTALE, () -> file.setXattr(name("user.x"), new byte[1], XattrMode.ANY));
      assertThat(volume.space().freeFileCount()).isEqualTo(before);
      Node next = make(root, "file");
      assertThat(next).isNotEqualTo(file);
    }
    image.check();
  }

  /** The count that it has is debugfs's word: e2fsck would not believe it, so it is not asked. */
  @Test
  void aFileHasNoMoreThan65000Names() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      make(volume.root(), "file");
    }
    E2fsprogs.debugfs(image.file(), "set_inode_field file links_count 64999\n");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      Node file = root.child(name("file"));
      root.link(name("the last"), file);
      fails(Errno.EMLINK, () -> root.link(name("one more"), file));
      assertThat(file.attributes().linkCount()).isEqualTo(65000);
    }
  }

  @Test
  void aDirectoryOfManyNamesIsListedWhileItIsEmptied() throws IOException {
    WritableImage image =
        new WritableImage(directory, MANY > 200_000 ? "2G" : "128M", "-b 1024 -N " + (MANY + 100));
    try (Ext4 volume = image.open()) {
      Node dir = makeDirectory(volume.root(), "dir");
      for (int i = 0; i < MANY; i++) {
        make(dir, "name " + i);
      }
      assertThat(names(dir)).hasSize(MANY);
    }
    image.check();
    try (Ext4 volume = image.open()) {
      Node dir = volume.root().child(name("dir"));
      long[] cookie = {0};
      List<Name> part = new ArrayList<>();
      int removed = 0;
      do {
        part.clear();
        dir.list(
            cookie[0],
            (name, nr, type, next) -> {
              if (part.size() == 100) {
                return false;
              }
              part.add(name);
              cookie[0] = next;
              return true;
            });
        for (Name name : part) {
          dir.unlink(name);
          removed++;
        }
      } while (!part.isEmpty());
      assertThat(removed).isEqualTo(MANY);
      volume.root().removeDirectory(name("dir"));
    }
    image.check();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-b 1024", "-b 1024 -O ^metadata_csum", "-b 1024 -O large_dir"})
  void aListingMeetsEachNameOnceThoughOthersCome(String options) throws IOException {
    WritableImage image = new WritableImage(directory, "64M", options);
    try (Ext4 volume = image.open()) {
      Node dir = makeDirectory(volume.root(), "dir");
      Random random = new Random(3);
      Set<String> staying = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        make(dir, "stays " + i);
        staying.add("stays " + i);
      }
      List<String> seen = new ArrayList<>();
      long[] cookie = {0};
      boolean[] took = {true};
      while (took[0]) {
        took[0] = false;
        dir.list(
            cookie[0],
            (name, nr, type, next) -> {
              if (took[0]) {
                return false;
              }
              seen.add(name.latin1());
              cookie[0] = next;
              took[0] = true;
              return true;
            });
        for (int i = 0; i < 40 && seen.size() < 60; i++) {
          make(dir, "comes " + random.nextLong());
        }
      }
      assertThat(seen).doesNotHaveDuplicates().containsAll(staying);
    }
    image.check();
  }
}
