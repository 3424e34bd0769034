package io.lamina.fs.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.ext4.Tools;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.virtual.VirtualDirectory;
import io.lamina.fs.virtual.VirtualFile;
import io.lamina.fs.virtual.VirtualOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that a tree holds, or that lies at the target, makes a copy write anywhere else. */
class HostCopyTest {
  private static final VirtualOwner OWNER = VirtualOwner.ROOT;

  @TempDir Path temp;
  private Path target;
  private Path outside;
  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
  private long nextInodeNr = 100;

  private final CopyListener listener =
      new CopyListener() {
        @Override
        public void copied(long byteCount) {}

        @Override
        public void made() {}

        @Override
        public void failed(String hostPath, IOException problem) {
          failures.add(temp.relativize(Path.of(hostPath)) + ": " + problem.getMessage());
        }
      };

  @BeforeEach
  void makeTarget() throws IOException {
    target = Files.createDirectory(temp.resolve("target"));
    outside = Files.createDirectory(temp.resolve("outside"));
    Files.writeString(outside.resolve("victim"), "untouched");
  }

  private VirtualDirectory.Entry file(Name name, String content) {
    VirtualFile file = new VirtualFile(nextInodeNr++, OWNER, () -> content);
    return new VirtualDirectory.Entry(name, file.inodeNr(), FileType.REGULAR, () -> file);
  }

  private VirtualDirectory.Entry directory(Name name, VirtualDirectory.Entry... entries) {
    VirtualDirectory made =
        new VirtualDirectory(nextInodeNr++, OWNER, Arrays.asList(entries), false);
    return new VirtualDirectory.Entry(name, made.inodeNr(), FileType.DIRECTORY, () -> made);
  }

  private Node tree(VirtualDirectory.Entry... entries) {
    return new VirtualDirectory(nextInodeNr++, OWNER, Arrays.asList(entries), false);
  }

  private void copyInto(Node tree) throws IOException {
    try (HostCopy copy = new HostCopy(true, false, listener)) {
      copy.copyInto(tree, Name.of(target.toString()));
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void namesThatLeadAwayAreRefusedAndTheRestIsCopied() throws IOException {
    copyInto(
        tree(
            file(Name.of("first"), "1"),
            file(Name.of(".."), "x"),
            file(Name.of("."), "x"),
            file(Name.of(""), "x"),
            file(Name.of("../outside/victim"), "x"),
            file(Name.of("/tmp/lamina-hostile"), "x"),
            directory(Name.of("../outside"), file(Name.of("victim"), "x")),
            file(Name.of("last"), "2")));
    assertThat(failures).hasSize(6).allMatch(line -> line.contains("no name for a file: '"));
    assertThat(names(target)).containsExactly("first", "last");
    assertThat(names(temp)).containsExactly("outside", "target");
    assertThat(outside.resolve("victim")).hasContent("untouched");
    assertThat(Path.of("/tmp/lamina-hostile")).doesNotExist();
  }

  @Test
  void namesThatAreNoUtf8KeepTheirBytes() throws IOException {
    Name name = Name.ofBytes(new byte[] {'a', (byte) 0xff, '\n', (byte) 0x80});
    copyInto(tree(directory(name, file(name, "content"))));
    assertThat(failures).isEmpty();
    try (HostTree seen = HostTree.open(target, false)) {
      assertThat(seen.root().child(name).child(name).attributes().size()).isEqualTo(7);
    }
  }

  @Test
  void aLinkInTheWayOfAFileIsReplacedNotFollowed() throws IOException {
    Files.createSymbolicLink(target.resolve("file"), outside.resolve("victim"));
    Files.createSymbolicLink(target.resolve("dangling"), outside.resolve("new"));
    copyInto(tree(file(Name.of("file"), "copied"), file(Name.of("dangling"), "copied")));
    assertThat(failures).isEmpty();
    assertThat(target.resolve("file")).hasContent("copied").isRegularFile();
    assertThat(Files.isSymbolicLink(target.resolve("file"))).isFalse();
    assertThat(outside.resolve("victim")).hasContent("untouched");
    assertThat(names(outside)).containsExactly("victim");
  }

  @Test
  void aLinkInTheWayOfADirectoryStopsThatDirectory() throws IOException {
    Files.createSymbolicLink(target.resolve("dir"), outside);
    copyInto(
        tree(
            directory(Name.of("dir"), file(Name.of("victim"), "copied")),
            file(Name.of("other"), "copied")));
    assertThat(failures).hasSize(1).allMatch(line -> line.startsWith("target/dir: "));
    assertThat(outside.resolve("victim")).hasContent("untouched");
    assertThat(target.resolve("other")).hasContent("copied");
  }

  @Test
  void whatIsThereIsReplacedButADirectoryOnlyByADirectory() throws IOException {
    Files.writeString(target.resolve("file"), "old and longer");
    Path second = Files.createLink(outside.resolve("second"), target.resolve("file"));
    Files.createDirectory(target.resolve("dir"));
    Files.writeString(target.resolve("dir/stays"), "stays");
    Files.createDirectory(target.resolve("in-the-way"));
    Files.writeString(target.resolve("no-dir"), "stays");
    copyInto(
        tree(
            file(Name.of("file"), "new"),
            directory(Name.of("dir"), file(Name.of("comes"), "new")),
            file(Name.of("in-the-way"), "new"),
            directory(Name.of("no-dir"), file(Name.of("a"), "new"))));
    assertThat(target.resolve("file")).hasContent("new");
    assertThat(second).as("another name of what was replaced").hasContent("old and longer");
    assertThat(names(target.resolve("dir"))).containsExactly("comes", "stays");
    assertThat(failures)
        .containsExactlyInAnyOrder(
            "target/in-the-way: in-the-way: EISDIR", "target/no-dir: no-dir: ENOTDIR");
    assertThat(target.resolve("no-dir")).hasContent("stays");
  }

  @Test
  void aReadOnlyTargetIsSaidForEachFile() throws IOException {
    assumeTrue(Libc.get().isRoot(), "only root may mount a read-only file system");
    String directory = target.toString();
    Tools.run(0, "", "mount", "-t", "tmpfs", "-o", "ro", "lamina-test", directory);
    try {
      copyInto(tree(file(Name.of("a"), "x"), directory(Name.of("b"))));
      assertThat(failures).contains("target/a: a: EROFS", "target/b: b: EROFS");
    } finally {
      Tools.run(0, "", "umount", directory);
    }
  }

  @Test
  void aTargetThatIsNotThereIsOneError() {
    Path missing = temp.resolve("missing");
    assertThatThrownBy(
            () -> {
              try (HostCopy copy = new HostCopy(true, false, listener)) {
                copy.copy(tree(), Name.of(missing.toString()), Name.of("x"));
              }
            })
        .isInstanceOf(FsException.class)
        .hasMessageContaining("ENOENT");
  }

  @Test
  void aDirectoryWithTwoNamesIsCopiedOnce() throws IOException {
    VirtualDirectory.Entry inner = directory(Name.of("one"), file(Name.of("a"), "x"));
    VirtualDirectory.Entry again =
        new VirtualDirectory.Entry(
            Name.of("two"), inner.inodeNr(), FileType.DIRECTORY, inner.maker());
    copyInto(tree(inner, again));
    assertThat(failures).hasSize(1).allMatch(line -> line.contains("a second name"));
  }
}
