package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.TreeSpace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What debugfs made of single files is what is read. */
class Ext4ContentTest {
  @TempDir Path directory;
  private Path image;

  @BeforeEach
  void requireTools() {
    E2fsprogs.require("mke2fs", "debugfs");
    image = directory.resolve("image");
  }

  private Ext4 open() throws IOException {
    return Ext4.open(Image.of(image));
  }

  private Path hostFile(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  @Test
  void attributesAreTheInodes() throws Exception {
    E2fsprogs.mke2fs(image, "4M", "-t ext4 -I 256");
    hostFile("a", new byte[] {1});
    E2fsprogs.debugfs(
        image,
        "write "
            + directory.resolve("a")
            + " a\nmknod null c 1 3\nmknod big b 4095 65535\n"
            + "mknod pipe p\nset_inode_field a uid 4000000000\nset_inode_field a gid 70000\n"
            + "set_inode_field a mode 0104755\nset_inode_field a mtime @2147483648\n"
            + "set_inode_field a mtime_extra 0x7735940d\nset_inode_field a links_count 65000\n"
            + "set_inode_field a flags 0x80030\n");
    try (Ext4 tree = open()) {
      Node a = Trees.find(tree, "a");
      Attributes attributes = a.attributes();
      assertThat(attributes.userId()).isEqualTo(4_000_000_000L);
      assertThat(attributes.groupId()).isEqualTo(70_000);
      assertThat(attributes.mode()).isEqualTo(0104755);
      assertThat(attributes.linkCount()).isEqualTo(65_000);
      assertThat(attributes.modificationTime().nanos()).isEqualTo(0x7735940d >>> 2);
      assertThat(attributes.modificationTime().seconds()).isEqualTo((1L << 31));
      assertThat(a.flags()).isEqualTo(0x80030);
      assertThat(a).isEqualTo(Trees.find(tree, "a")).isNotEqualTo(tree.root());
      assertDevice(Trees.find(tree, "null"), FileType.CHARACTER_DEVICE, 1, 3);
      assertDevice(Trees.find(tree, "big"), FileType.BLOCK_DEVICE, 4095, 65_535);
      assertThat(Trees.find(tree, "pipe").attributes().type()).isEqualTo(FileType.FIFO);
    }
  }

  private static void assertDevice(Node node, FileType type, int major, int minor)
      throws IOException {
    assertThat(node.attributes().type()).isEqualTo(type);
    assertThat(node.attributes().deviceMajor()).isEqualTo(major);
    assertThat(node.attributes().deviceMinor()).isEqualTo(minor);
  }

  @Test
  void attributesOfAllPlacesAreListedAndRead() throws Exception {
    E2fsprogs.mke2fs(image, "8M", "-t ext4 -b 4096 -I 256 -O ea_inode,inline_data");
    byte[] huge = new byte[4096];
    new Random(1).nextBytes(huge);
    hostFile("huge", huge);
    hostFile("middle", new byte[900]);
    E2fsprogs.debugfs(
        image,
        "write "
            + hostFile("f", "inline".getBytes(StandardCharsets.UTF_8))
            + " f\n"
            + "ea_set f user.small v\nea_set f user.empty \"\"\n"
            + "ea_set f -f "
            + directory.resolve("middle")
            + " trusted.middle\n"
            + "ea_set f -f "
            + directory.resolve("huge")
            + " security.huge\n");
    try (Ext4 tree = open()) {
      Node f = Trees.find(tree, "f");
      assertThat(f.xattrNames().stream().map(Name::toString))
          .containsExactlyInAnyOrder("user.small", "user.empty", "trusted.middle", "security.huge");
      assertThat(f.xattr(Name.of("user.small"))).containsExactly('v');
      assertThat(f.xattr(Name.of("user.empty"))).isEmpty();
      assertThat(f.xattr(Name.of("trusted.middle"))).hasSize(900);
      assertThat(f.xattr(Name.of("security.huge"))).isEqualTo(huge);
      assertThat(f.xattr(Name.of("user.none"))).isNull();
      assertErrno(Errno.EOPNOTSUPP, () -> f.xattr(Name.of("system.data"))); // as in the kernel
      assertThat(Trees.content(f)).asString().isEqualTo("inline");
      assertThat(f.attributes().sectorCount()).isPositive();
    }
  }

  @Test
  void holesAndUnwrittenExtentsReadAsZeroes() throws Exception {
    E2fsprogs.mke2fs(image, "16M", "-t ext4 -b 1024");
    byte[] content = new byte[400_000];
    new Random(2).nextBytes(content);
    E2fsprogs.debugfs(
        image,
        "write "
            + hostFile("f", content)
            + " f\npunch f 10 20\npunch f 300 301\n"
            + "fallocate f 12 15\n");
    java.util.Arrays.fill(content, 10 * 1024, 21 * 1024, (byte) 0);
    java.util.Arrays.fill(content, 300 * 1024, 302 * 1024, (byte) 0);
    try (Ext4 tree = open();
        OpenFile file = Trees.find(tree, "f").open()) {
      assertThat(Trees.content(Trees.find(tree, "f"))).isEqualTo(content);
      assertThat(file.nextHole(0)).isEqualTo(10 * 1024);
      assertThat(file.nextData(11 * 1024 + 5)).isEqualTo(21 * 1024);
      assertThat(file.nextData(30 * 1024 + 5)).isEqualTo(30 * 1024 + 5);
      assertThat(file.nextHole(21 * 1024)).isEqualTo(300 * 1024);
      assertThat(file.nextHole(302 * 1024)).isEqualTo(400_000);
      assertThat(file.nextData(400_000)).isEqualTo(400_000);
      ByteBuffer part = ByteBuffer.allocateDirect(5000).position(7).limit(4000);
      assertThat(file.read(20 * 1024 - 100, part)).isEqualTo(3993);
      assertThat(part.position()).isEqualTo(4000);
      assertThat(file.read(400_000, ByteBuffer.allocate(10))).isZero();
      assertThat(file.read(399_990, ByteBuffer.allocate(100))).isEqualTo(10);
    }
  }

  @Test
  void encryptedFilesAreShownAsWithoutTheKey() throws Exception {
    E2fsprogs.mke2fs(image, "4M", "-t ext4 -O encrypt");
    hostFile("f", new byte[] {1});
    E2fsprogs.debugfs(
        image,
        "mkdir d\ncd d\nwrite "
            + directory.resolve("f")
            + " 0123456789abcdef\n"
            + "set_inode_field 0123456789abcdef flags 0x80800\ncd /\nset_inode_field d flags 0x80800\n");
    try (Ext4 tree = open()) {
      Node d = Trees.find(tree, "d");
      Name name = Trees.names(d).get(0);
      assertThat(name.byteCount()).isEqualTo(32);
      Node file = d.child(name);
      assertThat(d.child(Name.of("0123456789abcdef"))).isNull();
      assertThatThrownBy(file::open)
          .isInstanceOfSatisfying(
              FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOKEY));
    }
  }

  @Test
  void namesAreBytes() throws Exception {
    E2fsprogs.mke2fs(image, "4M", "-t ext4");
    E2fsprogs.debugfs(image, "mkdir xyz\n");
    Image spoilt = Image.of(image);
    byte[] bytes = spoilt.bytes().array();
    for (int i = 0; i < bytes.length - 3; i++) {
      if (bytes[i] == 'x' && bytes[i + 1] == 'y' && bytes[i + 2] == 'z') {
        bytes[i + 1] = (byte) 0xff;
      }
    }
    spoilt.bytes().putInt(1024 + 0x64, 0); // no checksums then
    try (Ext4 tree = Ext4.open(spoilt)) {
      Name name = Name.ofBytes(new byte[] {'x', (byte) 0xff, 'z'});
      assertThat(Trees.names(tree.root())).contains(name);
      assertThat(tree.root().child(name)).isNotNull();
      assertThat(tree.root().child(Name.of("."))).isNull();
      assertThat(tree.root().child(Name.of(".."))).isNull();
    }
  }

  @Test
  void errorsArePosixOnes() throws Exception {
    E2fsprogs.mke2fs(image, "4M", "-t ext4");
    E2fsprogs.debugfs(image, "write " + hostFile("f", new byte[1]) + " f\nsymlink l f\n");
    try (Ext4 tree = open()) {
      Node f = Trees.find(tree, "f");
      Node l = Trees.find(tree, "l");
      assertErrno(Errno.ENOTDIR, () -> f.child(Name.of("x")));
      assertErrno(Errno.ENOTDIR, () -> f.list(0, (name, nr, type, next) -> true));
      assertErrno(Errno.EISDIR, () -> tree.root().open());
      assertErrno(Errno.EINVAL, l::open);
      assertErrno(Errno.EINVAL, f::readLink);
      assertErrno(Errno.ENAMETOOLONG, () -> tree.root().child(Name.of("n".repeat(256))));
      assertThat(l.readLink()).isEqualTo(Name.of("f"));
    }
  }

  private static void assertErrno(
      Errno errno, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void spaceIsWhatTheGroupsSay() throws Exception {
    E2fsprogs.mke2fs(image, "64M", "-t ext4 -b 1024 -m 5");
    String stats = E2fsprogs.debugfs(image, "stats -h\n");
    try (Ext4 tree = open()) {
      TreeSpace space = tree.space();
      assertThat(space.freeBlockCount()).isEqualTo(number(stats, "Free blocks:"));
      assertThat(space.freeFileCount()).isEqualTo(number(stats, "Free inodes:"));
      assertThat(space.fileCount()).isEqualTo(number(stats, "Inode count:"));
      long overhead = number(stats, "Overhead clusters:");
      assertThat(space.blockCount()).isEqualTo(65_536 - overhead);
      assertThat(space.availableBlockCount())
          .isEqualTo(space.freeBlockCount() - number(stats, "Reserved block count:") - 65_536 / 50);
    }
  }

  private static long number(String stats, String label) {
    int at = stats.indexOf(label);
    assertThat(at).as(label + " in " + stats).isPositive();
    String rest = stats.substring(at + label.length());
    return Long.parseLong(rest.substring(0, rest.indexOf('\n')).trim());
  }
}
