package io.lamina.fs.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.lamina.fs.AllocationMode;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Attributes;
import io.lamina.fs.Errno;
import io.lamina.fs.FileType;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.OpenFile;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.Timestamp;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import io.lamina.images.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostTreeTest {
  private static final Name A = Name.of("a");
  private static final Name B = Name.of("b");
  private static final Name DIRECTORY = Name.of("directory");

  @TempDir Path host;
  private HostTree tree;
  private Node root;
  private Owner me;

  @BeforeEach
  void open() throws IOException {
    tree = HostTree.open(host, true);
    root = tree.root();
    me = new Owner(root.attributes().userId(), root.attributes().groupId());
  }

  @AfterEach
  void close() {
    tree.close();
  }

  /** Else who fails to find what he made might remove what another made in between. */
  @Test
  void nothingIsMadeWhileSomebodyTakesNamesAway() throws Exception {
    ReentrantReadWriteLock places = (ReentrantReadWriteLock) tree.places();
    CompletableFuture<Node> made = new CompletableFuture<>();
    Thread making =
        new Thread(
            () -> {
              try {
                made.complete(root.create(A, NewFile.regular(0644, me)));
              } catch (IOException e) {
                made.completeExceptionally(e);
              }
            });
    places.writeLock().lock();
    try {
      making.start();
      Await.until("a thread", () -> places.hasQueuedThread(making) || made.isDone());
      assertThat(host.resolve("a")).doesNotExist();
    } finally {
      places.writeLock().unlock();
    }
    assertThat(made.get(1, TimeUnit.MINUTES)).isEqualTo(root.child(A));
  }

  @Test
  void tellsOfAFileWhatTheHostTells() throws IOException {
    Path file = Files.writeString(host.resolve("a"), "hello");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-x--x"));
    Instant moment = Instant.parse("2001-03-04T05:06:07.123456Z");
    Files.setLastModifiedTime(file, FileTime.from(moment));
    Attributes attributes = child(root, A).attributes();
    assertThat(attributes.type()).isEqualTo(FileType.REGULAR);
    assertThat(attributes.permissions()).isEqualTo(0651);
    assertThat(attributes.size()).isEqualTo(5);
    assertThat(attributes.inodeNr()).isEqualTo(unix(file, "ino"));
    Instant changed = ((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant();
    assertThat(attributes.changeTime())
        .isEqualTo(new Timestamp(changed.getEpochSecond(), changed.getNano()));
    assertThat(attributes.modificationTime())
        .isEqualTo(new Timestamp(moment.getEpochSecond(), moment.getNano()));
  }

  @Test
  void listsALargeDirectoryFromWhereItStopped() throws IOException {
    Set<String> made = new HashSet<>();
    for (int i = 0; i < 1500; i++) {
      Files.createFile(host.resolve("file-with-a-longish-name-" + i));
      made.add("file-with-a-longish-name-" + i);
    }
    List<String> seen = new ArrayList<>();
    long[] cookie = {0};
    int[] left = {0};
    do {
      left[0] = 100;
      root.list(
          cookie[0],
          (name, inodeNr, type, next) -> {
            if (left[0] == 0) {
              left[0] = -1;
              return false;
            }
            left[0]--;
            cookie[0] = next;
            seen.add(name.toString());
            return true;
          });
    } while (left[0] < 0);
    assertThat(seen).doesNotHaveDuplicates().hasSize(1500);
    assertThat(made).containsAll(seen);
  }

  @Test
  void makesFilesAsAskedWhateverTheMaskOfThisProcess() throws IOException {
    root.create(A, NewFile.regular(0666, me));
    root.create(B, new NewFile(FileType.REGULAR, 0666, 027, me, 0, 0));
    root.create(DIRECTORY, NewFile.directory(01777, me));
    Node directory = child(root, DIRECTORY);
    directory.create(A, new NewFile(FileType.FIFO, 0622, 0, me, 0, 0));
    directory.createSymlink(B, Name.of("../elsewhere"), me);
    assertThat(unix(host.resolve("a"), "mode")).isEqualTo(0100666);
    assertThat(unix(host.resolve("b"), "mode")).isEqualTo(0100640);
    assertThat(unix(host.resolve("directory"), "mode")).isEqualTo(041777);
    assertThat(unix(host.resolve("directory/a"), "mode")).isEqualTo(010622);
    assertThat(Files.readSymbolicLink(host.resolve("directory/b"))).hasToString("../elsewhere");
    assertErrno(Errno.EEXIST, () -> root.create(A, NewFile.regular(0600, me)));
  }

  @Test
  void aSetgidDirectoryGivesItsGroup() throws IOException {
    assumeThat(Libc.get().isRoot()).as("giving files to others takes root").isTrue();
    Node directory = root.create(DIRECTORY, NewFile.directory(0755, new Owner(7, 8)));
    directory.change(AttributeChange.NONE.withPermissions(02755));
    Node file = directory.create(A, NewFile.regular(04711, new Owner(1000, 1001)));
    Node inner = directory.create(B, NewFile.directory(0700, new Owner(1000, 1001)));
    assertThat(file.attributes()).matches(a -> a.userId() == 1000 && a.groupId() == 8);
    assertThat(file.attributes().permissions()).isEqualTo(04711);
    assertThat(inner.attributes()).matches(a -> a.userId() == 1000 && a.groupId() == 8);
    assertThat(inner.attributes().permissions()).isEqualTo(02700);
  }

  @Test
  void makesDeviceNodes() throws IOException {
    assumeThat(Libc.get().isRoot()).as("device nodes take root").isTrue();
    root.create(A, new NewFile(FileType.CHARACTER_DEVICE, 0600, 0, me, 300, 70000));
    assertThat(child(root, A).attributes())
        .matches(a -> a.deviceMajor() == 300 && a.deviceMinor() == 70000);
    assertErrno(Errno.EINVAL, () -> child(root, A).open());
  }

  @Test
  void neverFollowsALink() throws IOException {
    Path outside = Files.createTempDirectory("lamina-outside");
    try {
      Files.createSymbolicLink(host.resolve("a"), outside);
      Node link = child(root, A);
      assertThat(link.attributes().type()).isEqualTo(FileType.SYMLINK);
      assertThat(link.readLink()).hasToString(outside.toString());
      assertErrno(Errno.ENOTDIR, () -> link.child(B));
      assertErrno(Errno.ENOTDIR, () -> link.create(B, NewFile.regular(0600, me)));
      link.change(AttributeChange.NONE.withTimes(null, new Timestamp(-5, 6)));
      assertThat(link.attributes().modificationTime()).isEqualTo(new Timestamp(-5, 6));
      assertThat(Files.getLastModifiedTime(outside).toInstant().getEpochSecond()).isPositive();
      assertThat(root.child(Name.of(".."))).isNull();
      assertThat(root.child(Name.of("a/b"))).isNull();
      assertErrno(Errno.EINVAL, () -> root.create(Name.of("../x"), NewFile.regular(0600, me)));
    } finally {
      Files.delete(outside);
    }
  }

  @Test
  void writesAndReads() throws IOException {
    Node node = root.create(A, NewFile.regular(0444, me));
    try (WritableFile file = node.openForWriting()) {
      file.write(3, buffer("lo"));
      file.write(0, direct("hel"));
      assertThat(file.append(buffer(", world"))).isEqualTo(5);
      file.sync(true);
      ByteBuffer read = ByteBuffer.allocate(100);
      assertThat(file.read(0, read)).isEqualTo(12);
      assertThat(new String(read.array(), 0, 12, UTF_8)).isEqualTo("hello, world");
      ByteBuffer readDirect = ByteBuffer.allocateDirect(4);
      assertThat(file.read(7, readDirect)).isEqualTo(4);
      assertThat(readDirect.get(0)).isEqualTo((byte) 'w');
      file.truncate(4);
    }
    assertThat(Files.readString(host.resolve("a"))).isEqualTo("hell");
    assertThat(unix(host.resolve("a"), "mode")).isEqualTo(0100444);
  }

  @Test
  void findsAndMakesHoles() throws IOException {
    Node node = root.create(A, NewFile.regular(0600, me));
    try (WritableFile file = node.openForWriting()) {
      file.write(1 << 20, buffer("x".repeat(8192)));
      file.truncate(4 << 20);
      assertThat(file.nextData(0)).isEqualTo(1 << 20);
      assertThat(file.nextHole(1 << 20)).isEqualTo((1 << 20) + 8192);
      assertThat(file.nextData(2 << 20)).isEqualTo(4 << 20);
      file.allocate(1 << 20, 8192, AllocationMode.PUNCH_HOLE);
      assertThat(file.nextData(0)).isEqualTo(4 << 20);
      assertThat(file.size()).isEqualTo(4 << 20);
    }
  }

  @Test
  void changesAttributes() throws IOException {
    Node node = root.create(A, NewFile.regular(0600, me));
    node.change(
        AttributeChange.NONE
            .withPermissions(01741)
            .withSize(10)
            .withTimes(new Timestamp(1, 2), new Timestamp(3, 4)));
    assertThat(node.attributes())
        .matches(a -> a.permissions() == 01741 && a.size() == 10)
        .matches(a -> a.accessTime().equals(new Timestamp(1, 2)))
        .matches(a -> a.modificationTime().equals(new Timestamp(3, 4)));
    assertErrno(Errno.EISDIR, () -> root.change(AttributeChange.NONE.withSize(0)));
  }

  @Test
  void keepsExtendedAttributes() throws IOException {
    Node node = root.create(A, NewFile.regular(0600, me));
    Name name = Name.of("user.lamina");
    byte[] large = "v".repeat(3000).getBytes(UTF_8);
    try {
      node.setXattr(name, large, XattrMode.CREATE);
    } catch (FsException e) {
      assumeThat(e.errno()).as("no user attributes here").isNotEqualTo(Errno.EOPNOTSUPP);
      throw e;
    }
    node.setXattr(Name.of("user.empty"), new byte[0], XattrMode.ANY);
    assertThat(node.xattrNames()).contains(name, Name.of("user.empty"));
    assertThat(node.xattr(name)).isEqualTo(large);
    assertThat(node.xattr(Name.of("user.empty"))).isEmpty();
    assertThat(node.xattr(Name.of("user.none"))).isNull();
    assertErrno(Errno.EOPNOTSUPP, () -> node.xattr(Name.of("foo.bar")));
    assertErrno(Errno.EOPNOTSUPP, () -> node.xattr(Name.of("system.posix_acl_other")));
    assertErrno(Errno.EEXIST, () -> node.setXattr(name, large, XattrMode.CREATE));
    node.removeXattr(name);
    assertErrno(Errno.ENODATA, () -> node.removeXattr(name));
  }

  @Test
  void aNodeOutlivesRenamesOfItsParents() throws IOException {
    Files.createDirectories(host.resolve("directory/a/deep"));
    Files.writeString(host.resolve("directory/a/deep/b"), "content");
    Node middle = child(child(root, DIRECTORY), A);
    Node file = child(child(middle, Name.of("deep")), B);
    root.rename(DIRECTORY, root, Name.of("elsewhere"), RenameMode.REPLACE);
    child(root, Name.of("elsewhere")).rename(A, root, A, RenameMode.NO_REPLACE);
    Locators.forgetAllOf(tree);
    assertThat(file.attributes().size()).isEqualTo(7);
    assertThat(text(file)).isEqualTo("content");
    assertThat(child(root, A)).isSameAs(middle);
  }

  @Test
  void aFileLivesOnWhileItIsHeld() throws IOException {
    Files.writeString(host.resolve("a"), "content");
    Node node = child(root, A);
    OpenFile open = node.open();
    root.unlink(A);
    assertThat(root.child(A)).isNull();
    assertThat(node.attributes().linkCount()).isZero();
    ByteBuffer bytes = ByteBuffer.allocate(7);
    assertThat(open.read(0, bytes)).isEqualTo(7);
    open.close();
    open.close();
    assertErrno(Errno.ESTALE, node::attributes);
    Node other = root.create(A, NewFile.regular(0600, me));
    assertThat(other).isNotEqualTo(node);
    assertErrno(Errno.ESTALE, node::attributes);
  }

  @Test
  void aRemovedDirectoryThatIsHeldHasNoEntries() throws IOException {
    Node directory = root.create(DIRECTORY, NewFile.directory(0700, me));
    Node.Hold hold = directory.hold();
    directory.create(A, NewFile.regular(0600, me));
    assertErrno(Errno.ENOTEMPTY, () -> root.removeDirectory(DIRECTORY));
    directory.unlink(A);
    root.removeDirectory(DIRECTORY);
    assertErrno(Errno.ENOENT, () -> directory.list(0, (name, inodeNr, type, next) -> true));
    assertErrno(Errno.ENOENT, () -> directory.create(A, NewFile.regular(0600, me)));
    hold.close();
    assertErrno(Errno.ESTALE, () -> directory.child(A));
  }

  @Test
  void allNamesOfAFileGiveTheSameNode() throws IOException {
    Node file = root.create(A, NewFile.regular(0600, me));
    Node directory = root.create(DIRECTORY, NewFile.directory(0700, me));
    directory.link(B, file);
    assertThat(child(directory, B)).isSameAs(file);
    root.unlink(A);
    Locators.forgetAllOf(tree);
    assertThat(file.attributes().linkCount()).isEqualTo(1);
    assertErrno(Errno.EPERM, () -> root.link(A, directory));
    assertErrno(Errno.EEXIST, () -> directory.link(B, file));
  }

  @Test
  void exchangesTwoNames() throws IOException {
    Node file = root.create(A, NewFile.regular(0600, me));
    Node directory = root.create(B, NewFile.directory(0700, me));
    root.rename(A, root, B, RenameMode.EXCHANGE);
    Locators.forgetAllOf(tree);
    assertThat(child(root, A)).isSameAs(directory);
    assertThat(child(root, B)).isSameAs(file);
    assertThat(directory.attributes().isDirectory()).isTrue();
    assertErrno(Errno.EEXIST, () -> root.rename(A, root, B, RenameMode.NO_REPLACE));
    assertErrno(Errno.ENOENT, () -> root.rename(DIRECTORY, root, A, RenameMode.REPLACE));
  }

  @Test
  void whatARenameReplacesIsGone() throws IOException {
    Node replaced = root.create(A, NewFile.regular(0600, me));
    Node moved = root.create(B, NewFile.regular(0600, me));
    root.rename(B, root, A, RenameMode.REPLACE);
    assertErrno(Errno.ESTALE, replaced::attributes);
    assertThat(child(root, A)).isSameAs(moved);
  }

  @Test
  void aFileWithoutANameCanBeGivenOne() throws IOException {
    WritableFile file;
    try {
      file = root.createUnnamed(NewFile.regular(0640, me));
    } catch (FsException e) {
      assumeThat(e.errno()).as("no O_TMPFILE here").isNotEqualTo(Errno.EOPNOTSUPP);
      throw e;
    }
    try (file) {
      file.write(0, buffer("late"));
      root.link(A, file.node());
    }
    assertThat(text(child(root, A))).isEqualTo("late");
    assertThat(unix(host.resolve("a"), "mode")).isEqualTo(0100640);
  }

  @Test
  void whatOthersMovedAwayIsNoticed() throws IOException {
    Files.writeString(host.resolve("a"), "mine");
    Node node = child(root, A);
    Files.delete(host.resolve("a"));
    Files.writeString(host.resolve("b"), "other");
    Files.move(host.resolve("b"), host.resolve("a"));
    Locators.forgetAllOf(tree);
    assertErrno(Errno.ESTALE, node::open);
    assertThat(text(child(root, A))).isEqualTo("other");
  }

  @Test
  void namesAreBytes() throws IOException {
    Name odd = Name.ofBytes(new byte[] {(byte) 0xff, '\n', (byte) 0xfe});
    root.create(odd, NewFile.regular(0600, me));
    List<Name> names = new ArrayList<>();
    root.list(0, (name, inodeNr, type, next) -> names.add(name));
    assertThat(names).containsExactly(odd);
    assertErrno(Errno.ENAMETOOLONG, () -> root.child(Name.of("n".repeat(256))));
  }

  @Test
  void aReadOnlyTreeChangesNothing() throws IOException {
    Files.writeString(host.resolve("a"), "content");
    try (HostTree readOnly = HostTree.open(host, false)) {
      Node node = child(readOnly.root(), A);
      assertErrno(Errno.EROFS, () -> readOnly.root().unlink(A));
      assertErrno(Errno.EROFS, () -> readOnly.root().create(B, NewFile.regular(0600, me)));
      assertErrno(Errno.EROFS, () -> node.change(AttributeChange.NONE.withSize(0)));
      assertErrno(Errno.EROFS, node::openForWriting);
      assertThat(text(node)).isEqualTo("content");
      assertThat(readOnly.isWritable()).isFalse();
    }
  }

  @Test
  void tellsTheSpaceOfItsFileSystem() throws IOException {
    tree.sync();
    assertThat(tree.space().nameMaxBytes()).isEqualTo(255);
    long bytes = tree.space().blockCount() * tree.space().blockBytes();
    assertThat(bytes).isEqualTo(Files.getFileStore(host).getTotalSpace());
  }

  @Test
  void saysWhichDirectoryIsMissing() {
    assertThatThrownBy(() -> HostTree.open(host.resolve("none"), false))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(host.resolve("none").toString());
  }

  private static Node child(Node directory, Name name) throws IOException {
    return Objects.requireNonNull(directory.child(name), name::toString);
  }

  private static long unix(Path file, String what) throws IOException {
    Object value = Files.getAttribute(file, "unix:" + what, LinkOption.NOFOLLOW_LINKS);
    return ((Number) value).longValue();
  }

  private static String text(Node node) throws IOException {
    try (OpenFile file = node.open()) {
      ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
      file.read(0, bytes);
      return new String(bytes.array(), UTF_8);
    }
  }

  private static ByteBuffer buffer(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  private static void assertErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }
}
