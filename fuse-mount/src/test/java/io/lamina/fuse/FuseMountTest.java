package io.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lamina.fs.FileType;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.Timestamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FuseMountTest {
  /** Overridden where the tree is shown through libfuse's high level. */
  boolean throughLibFuse() {
    return false;
  }

  private Fuse fuse(MemoryNode root) throws IOException {
    return new Fuse(new MemoryTree(root), options(false));
  }

  private FuseOptions options(boolean allowOther) {
    return new FuseOptions("test", allowOther, false, false, 2, throughLibFuse());
  }

  private static final String FIND_FORMAT = "%P|%y|%m|%U|%G|%s|%n|%i|%T@|%b|%l\\0";

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Long.getLong("lamina.seeds", 5));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aRandomTreeIsShownAsItIs(long seed) throws Exception {
    MemoryNode root = new RandomTree(new Random(seed)).root();
    try (Fuse fuse = fuse(root)) {
      for (String found : List.of("cold", "warm")) {
        String shown = fuse.run("find", ".", "-mindepth", "1", "-printf", FIND_FORMAT);
        assertThat(Arrays.stream(shown.split("\0", 0)).sorted().toList())
            .as(found)
            .isEqualTo(expected(root, "", new ArrayList<>()).stream().sorted().toList());
      }
      assertContentIsShown(fuse, root, "");
    }
  }

  private static List<String> expected(MemoryNode directory, String path, List<String> lines) {
    directory.children.forEach(
        (name, node) -> {
          String childPath = path + name.latin1();
          lines.add(line(node, childPath));
          expected(node, childPath + "/", lines);
        });
    return lines;
  }

  private static String line(MemoryNode n, String path) {
    String target =
        n.type == FileType.SYMLINK ? new String(n.content, StandardCharsets.ISO_8859_1) : "";
    return String.join(
        "|",
        path,
        letter(n.type),
        Integer.toOctalString(n.permissions),
        Long.toString(n.userId),
        Long.toString(n.groupId),
        Integer.toString(n.content.length),
        Integer.toString(n.linkCount),
        Long.toString(n.inodeNr),
        time(n.time),
        Integer.toString((n.content.length + 511) / 512),
        target);
  }

  private static String letter(FileType type) {
    return switch (type) {
      case FIFO -> "p";
      case CHARACTER_DEVICE -> "c";
      case DIRECTORY -> "d";
      case BLOCK_DEVICE -> "b";
      case REGULAR -> "f";
      case SYMLINK -> "l";
      case SOCKET -> "s";
    };
  }

  /** As find prints it: the two numbers as they are, also before 1970, and one zero more. */
  private static String time(Timestamp time) {
    return String.format("%d.%09d0", time.seconds(), time.nanos());
  }

  private static void assertContentIsShown(Fuse fuse, MemoryNode directory, String path)
      throws Exception {
    for (var child : directory.children.entrySet()) {
      String childPath = path + child.getKey().latin1();
      MemoryNode node = child.getValue();
      if (node.type == FileType.REGULAR && isAscii(childPath)) {
        assertThat(fuse.run("cat", childPath))
            .isEqualTo(new String(node.content, StandardCharsets.ISO_8859_1));
      }
      if (isAscii(childPath)) {
        assertContentIsShown(fuse, node, childPath + "/");
      }
    }
  }

  private static boolean isAscii(String path) {
    return StandardCharsets.US_ASCII.newEncoder().canEncode(path);
  }

  @Test
  void namesThatAreNotUtf8AreShownByteForByte() throws Exception {
    byte[] bytes = {'a', (byte) 0xff, (byte) 0xc3, '\n', 'z'};
    byte[] others = {'a', (byte) 0xfe, (byte) 0xc3, '\n', 'z'};
    MemoryNode root =
        MemoryNode.directory()
            .with(Name.ofBytes(bytes), MemoryNode.file("one".getBytes(StandardCharsets.UTF_8)))
            .with(Name.ofBytes(others), MemoryNode.file("two".getBytes(StandardCharsets.UTF_8)));
    try (Fuse fuse = fuse(root)) {
      assertThat(fuse.run("find", ".", "-type", "f", "-printf", "%P\\0", "-exec", "cat", "{}", ";"))
          .isEqualTo(
              Name.ofBytes(bytes).latin1() + "\0one" + Name.ofBytes(others).latin1() + "\0two");
    }
  }

  /** Which libfuse's high level does not know: to it, two paths are two files. */
  @Test
  void twoNamesOfOneFileAreOneFile() throws Exception {
    assumeFalse(throughLibFuse(), "to libfuse two paths are two files");
    MemoryNode file = MemoryNode.file(new byte[10]);
    file.linkCount = 2;
    try (Fuse fuse = fuse(MemoryNode.directory().with("a", file).with("b", file))) {
      assertThat(fuse.run("sh", "-c", "test a -ef b && echo same")).isEqualTo("same\n");
    }
  }

  @Test
  void whatTheTreeThrowsReachesTheCallerAsItsErrno() throws Exception {
    MemoryNode root = MemoryNode.directory().with("fine", MemoryNode.file(new byte[1]));
    for (Failing.Kind kind : Failing.Kind.values()) {
      root.with(kind.name(), new Failing(kind));
    }
    try (Fuse fuse = fuse(root)) {
      for (Failing.Kind kind : Failing.Kind.values()) {
        assertThat(fuse.run("cat", kind.name())).contains(kind.message);
        assertThat(fuse.run("getfattr", "-n", "user.x", kind.name())).contains(kind.message);
      }
      assertThat(fuse.run("ls").split("\n", 0)).contains("fine").hasSize(root.children.size());
      assertThat(fuse.run("cat", "missing")).contains("No such file");
      assertThat(fuse.run("cat", "fine/below")).contains("Not a directory");
      assertThat(fuse.run("touch", "new")).contains("Read-only file system");
      assertThat(fuse.run("wc", "-c", "fine")).isEqualTo("1 fine\n");
    }
  }

  @Test
  void aHugeDirectoryIsListedInPages() throws Exception {
    int count = 200_000;
    MemoryNode huge = MemoryNode.directory();
    for (int i = 0; i < count; i++) {
      huge.with("name-" + i, new MemoryNode(FileType.FIFO));
    }
    try (Fuse fuse = fuse(MemoryNode.directory().with("huge", huge))) {
      assertThat(fuse.run("sh", "-c", "ls -U huge | sort -u | wc -l")).isEqualTo(count + "\n");
      assertThat(fuse.run("sh", "-c", "find huge -type p | wc -l")).isEqualTo(count + "\n");
    }
  }

  @Test
  void extendedAttributesAreListedAndGiven() throws Exception {
    MemoryNode file = MemoryNode.file(new byte[0]);
    byte[] large = new byte[60_000];
    Arrays.fill(large, (byte) 'x');
    file.xattrs.put(Name.of("user.large"), large);
    file.xattrs.put(Name.of("user.empty"), new byte[0]);
    file.xattrs.put(Name.of("trusted.hidden"), new byte[] {1, 2});
    FuseOptions forAll = options(Unmounting.isRoot());
    try (Fuse fuse = new Fuse(new MemoryTree(MemoryNode.directory().with("f", file)), forAll)) {
      String dump = fuse.run("getfattr", "-d", "-m", "-", "-e", "text", "f");
      assertThat(dump).contains("user.empty=\"\"").contains("user.large=\"" + "x".repeat(60_000));
      if (Unmounting.isRoot()) {
        assertThat(dump).contains("trusted.hidden");
        String asOther = "setpriv --reuid 12345 --clear-groups getfattr -d -m - f";
        assertThat(fuse.run("sh", "-c", asOther))
            .contains("user.empty")
            .doesNotContain("trusted.hidden");
      }
      assertThat(fuse.run("getfattr", "-n", "user.none", "f")).contains("No such attribute");
    }
  }

  @Test
  void flagsReachLsattr() throws Exception {
    MemoryNode file = MemoryNode.file(new byte[0]);
    file.flags = 0x10 | 0x80000;
    MemoryNode directory = MemoryNode.directory();
    directory.flags = 0x1000;
    MemoryNode root = MemoryNode.directory().with("file", file).with("dir", directory);
    try (Fuse fuse = fuse(root)) {
      assertThat(fuse.run("lsattr", "-d", "file", "dir")).matches("----i-+e-+ file\n-+I-+ dir\n");
    }
  }

  @Test
  void versionAndProjectReachLsattr() throws Exception {
    assumeFalse(throughLibFuse(), "libfuse writes back more than lsattr has room for");
    MemoryNode file = MemoryNode.file(new byte[0]);
    file.flags = 0x10 | 0x80000;
    file.version = 1_234_567_890;
    file.projectId = 42;
    try (Fuse fuse = fuse(MemoryNode.directory().with("file", file))) {
      assertThat(fuse.run("lsattr", "-d", "-v", "-p", "file"))
          .matches(" *42 1234567890 ----i-+e-+ file\n");
    }
  }

  /** Which libfuse 2 does not know. */
  @Test
  void holesAreFoundWithSeek() throws Exception {
    assumeFalse(throughLibFuse(), "libfuse 2 does not know SEEK_DATA");
    byte[] content = new byte[3 << 20];
    Arrays.fill(content, 1 << 20, (1 << 20) + 4096, (byte) 7);
    MemoryNode root = MemoryNode.directory().with("sparse", MemoryNode.file(content));
    try (Fuse fuse = fuse(root)) {
      String seeks =
          "import os; f=os.open('sparse',os.O_RDONLY);"
              + "print(os.lseek(f,0,os.SEEK_DATA),os.lseek(f,1<<20,os.SEEK_HOLE))";
      assertThat(fuse.run("python3", "-c", seeks)).isEqualTo("1048576 1052672\n");
    }
  }

  @Test
  void statfsGivesTheTreesOwnNumbers() throws Exception {
    try (Fuse fuse = fuse(MemoryNode.directory())) {
      assertThat(fuse.run("stat", "-f", "-c", "%S %b %f %a %c %d %l", "."))
          .isEqualTo("1024 5000 4000 3000 200 100 255\n");
    }
  }

  @Test
  void manyReadersAtOnceReadTheSame() throws Exception {
    MemoryNode root = MemoryNode.directory();
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      byte[] content = new byte[300_000 + i];
      random.nextBytes(content);
      root.with("f" + i, MemoryNode.file(content));
    }
    try (Fuse fuse = fuse(root)) {
      String one = fuse.run("sh", "-c", "cat * | sha256sum");
      String all = "for i in 1 2 3 4 5 6 7 8; do cat * | sha256sum & done; wait";
      assertThat(fuse.run("sh", "-c", all)).isEqualTo(one.repeat(8));
    }
    for (Node node : root.children.values()) {
      assertThat(((MemoryNode) node).openCount).hasValue(0);
    }
  }
}
