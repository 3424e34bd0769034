package io.lamina.layer.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.FileDevice;
import io.lamina.ext4.Ext4;
import io.lamina.ext4.InMemory;
import io.lamina.ext4.WritableImage;
import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.fs.WritableFile;
import io.lamina.images.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the upper branch refuses is not done, not in part either, and nothing is lost by it. */
class UnionFailureTest {
  private static final Owner OWNER = new Owner(0, 0);
  private static final NewFile FILE = NewFile.regular(0644, OWNER);
  private static final NewFile DIRECTORY = NewFile.directory(0755, OWNER);
  private static final int IMMUTABLE = 0x10;

  @TempDir(factory = InMemory.class)
  Path directory;

  private WritableImage image;
  private Ext4 volume;
  private Node upper;
  private Node lower;
  private Node work;

  @BeforeEach
  void make() throws IOException {
    image = new WritableImage(directory, "16M", "-b 1024");
    volume = image.open();
    upper = volume.root().create(Name.of("upper"), DIRECTORY);
    lower = volume.root().create(Name.of("lower"), DIRECTORY);
    work = volume.root().create(Name.of("work"), DIRECTORY);
  }

  @AfterEach
  void check() throws IOException {
    volume.close();
    image.check();
  }

  private UnionTree union(UnionRules rules) throws IOException {
    List<Branch> branches =
        List.of(
            new Branch(volume, upper, Branch.Mode.WRITABLE),
            new Branch(volume, lower, Branch.Mode.READ_ONLY_WITH_WHITEOUTS));
    return rules == UnionRules.AUFS
        ? UnionTree.of(branches, rules)
        : UnionTree.ofOverlay(branches, work, rules);
  }

  private static Node child(Node node, String name) throws IOException {
    return Objects.requireNonNull(node.child(Name.of(name)), name);
  }

  private static void write(Node file, String text) throws IOException {
    try (WritableFile opened = file.openForWriting()) {
      opened.write(0, ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
  }

  private static void freeze(Node file) throws IOException {
    file.setFlags(file.flags() | IMMUTABLE);
  }

  private static void thaw(Node file) throws IOException {
    file.setFlags(file.flags() & ~IMMUTABLE);
  }

  private static void requireErrno(Errno errno, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FsException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @ParameterizedTest
  @EnumSource
  void aDirectoryThatCannotBeRemovedIsThereAsBefore(UnionRules rules) throws IOException {
    lower.create(Name.of("d"), DIRECTORY);
    UnionTree union = union(rules);
    Node removed = child(union.root(), "d");
    freeze(upper);
    requireErrno(Errno.EPERM, () -> union.root().removeDirectory(Name.of("d")));
    thaw(upper);
    assertThat(child(union.root(), "d")).isSameAs(removed);
    removed.create(Name.of("new"), FILE);
  }

  @ParameterizedTest
  @EnumSource
  void aDirectoryThatCannotBeReplacedIsThereAsBefore(UnionRules rules) throws IOException {
    UnionTree union = union(rules);
    Node from = union.root().create(Name.of("from"), DIRECTORY);
    from.create(Name.of("x"), DIRECTORY);
    Node replaced = union.root().create(Name.of("y"), DIRECTORY);
    freeze(child(upper, "from"));
    requireErrno(
        Errno.EPERM,
        () -> from.rename(Name.of("x"), union.root(), Name.of("y"), RenameMode.REPLACE));
    thaw(child(upper, "from"));
    assertThat(child(union.root(), "y")).isSameAs(replaced);
    replaced.create(Name.of("new"), FILE);
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatCannotBeRemovedStaysForTheNextUnion(UnionRules rules) throws IOException {
    lower.create(Name.of("f"), FILE);
    UnionTree union = union(rules);
    Node file = child(union.root(), "f");
    write(file, "new");
    freeze(file);
    requireErrno(Errno.EPERM, () -> union.root().unlink(Name.of("f")));
    assertThat(Upper.names(rules == UnionRules.AUFS ? child(upper, ".wh..wh.orph") : work))
        .as("left behind")
        .allMatch(name -> name.equals(Name.of("work")));
    if (rules != UnionRules.AUFS) {
      assertThat(Upper.names(child(work, "work"))).as("left behind").isEmpty();
    }
    assertThat(child(union(rules).root(), "f").attributes().size()).isEqualTo(3);
  }

  @Test
  void aLowerFileThatARenameReplacesHasOneNameLessForGood() throws IOException {
    lower.create(Name.of("a"), FILE);
    lower.link(Name.of("b"), child(lower, "a"));
    UnionTree union = union(UnionRules.AUFS);
    union.root().create(Name.of("x"), FILE);
    union.root().rename(Name.of("x"), union.root(), Name.of("a"), RenameMode.REPLACE);
    assertThat(union.keptFileCount()).isEqualTo(1);
    assertThat(child(union.root(), "b").attributes().linkCount()).isEqualTo(1);
  }

  @Test
  void whatAnEarlierUnionKeptForOtherNamesGoes() throws IOException {
    lower.create(Name.of("a"), FILE);
    lower.link(Name.of("b"), child(lower, "a"));
    write(child(union(UnionRules.AUFS).root(), "a"), "new");
    Node file = child(union(UnionRules.AUFS).root(), "a");
    assertThat(file.attributes().linkCount()).isEqualTo(1);
    assertThat(Upper.names(child(upper, ".wh..wh.plnk"))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatCannotBeCopiedUpLeavesNothingBehind(UnionRules rules) throws IOException {
    lower.create(Name.of("a"), FILE);
    lower.link(Name.of("b"), child(lower, "a"));
    UnionTree union = union(rules);
    Node file = child(union.root(), "a");
    freeze(upper);
    requireErrno(Errno.EPERM, () -> file.change(AttributeChange.NONE.withPermissions(0600)));
    thaw(upper);
    if (rules == UnionRules.AUFS) {
      assertThat(Upper.names(child(upper, ".wh..wh.plnk"))).isEmpty();
      assertThat(Upper.names(child(upper, ".wh..wh.orph"))).isEmpty();
    } else {
      assertThat(Upper.names(child(work, "work"))).isEmpty();
    }
    assertThat(file.attributes().permissions()).isEqualTo(0644);
    file.change(AttributeChange.NONE.withPermissions(0600));
    assertThat(file.attributes().permissions()).isEqualTo(0600);
  }

  /** Who compares them by number would find no difference. */
  @Test
  void anOverlaysCopyOfOneOfSeveralNamesIsAnotherFile() throws IOException {
    lower.create(Name.of("a"), FILE);
    lower.link(Name.of("b"), child(lower, "a"));
    UnionTree union = union(UnionRules.OVERLAY);
    Node copied = child(union.root(), "a");
    Node other = child(union.root(), "b");
    long before = copied.attributes().inodeNr();
    assertThat(other.attributes().inodeNr()).isEqualTo(before);
    write(copied, "new");
    assertThat(other.attributes().inodeNr()).isEqualTo(before);
    long after = copied.attributes().inodeNr();
    assertThat(after).isNotEqualTo(before);
    union
        .root()
        .list(
            0,
            (name, inodeNr, type, next) -> {
              assertThat(inodeNr).isEqualTo(name.equals(Name.of("a")) ? after : before);
              return true;
            });
  }

  @Test
  void whatIsCopiedUpWhileItsLastNameGoesLeavesNothingBehind() throws Exception {
    lower.create(Name.of("a"), FILE);
    lower.link(Name.of("b"), child(lower, "a"));
    UnionTree union = union(UnionRules.AUFS);
    Node file = child(union.root(), "a");
    union.root().unlink(Name.of("b"));
    ReentrantReadWriteLock names = union.names();
    try (Node.Hold hold = file.hold()) {
      assertThat(hold).isNotNull();
      List<Thread> threads = new ArrayList<>();
      names.readLock().lock();
      try {
        threads.add(waiting(names, () -> union.root().unlink(Name.of("a"))));
        threads.add(waiting(names, () -> file.change(AttributeChange.NONE.withPermissions(0600))));
      } finally {
        names.readLock().unlock();
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(file.attributes().permissions()).isEqualTo(0600);
      assertThat(file.attributes().linkCount()).isZero();
      assertThat(union.keptFileCount()).isZero();
      assertThat(Upper.names(child(upper, ".wh..wh.plnk"))).isEmpty();
      assertThat(Upper.names(child(upper, ".wh..wh.orph"))).isEmpty();
    }
  }

  /** Something done by a thread. */
  private interface Action {
    void run() throws IOException;
  }

  /** A thread that has begun with something and waits for a lock. */
  private static Thread waiting(ReentrantReadWriteLock lock, Action action) throws Exception {
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    thread.start();
    Await.until("a thread that waits", () -> lock.hasQueuedThread(thread));
    return thread;
  }

  @Test
  void whatWasWrittenThroughOneDescriptorIsMadeDurableThroughAnother() throws IOException {
    write(lower.create(Name.of("a"), FILE), "old");
    Node file = child(union(UnionRules.AUFS).root(), "a");
    try (WritableFile first = file.openForWriting();
        WritableFile second = file.openForWriting()) {
      second.write(0, ByteBuffer.wrap(new byte[5000]));
      first.sync(false);
      Path atPowerCut = Files.copy(image.file(), directory.resolve("copy.img"));
      try (Ext4 copy = Ext4.open(FileDevice.openReadOnly(atPowerCut))) {
        assertThat(child(child(copy.root(), "upper"), "a").attributes().size()).isEqualTo(5000);
      }
    }
  }

  @Test
  void aFileWithoutANameGetsNone() throws IOException {
    lower.create(Name.of("a"), FILE);
    UnionTree union = union(UnionRules.AUFS);
    Node file = child(union.root(), "a");
    try (Node.Hold hold = file.hold()) {
      assertThat(hold).isNotNull();
      union.root().unlink(Name.of("a"));
      requireErrno(Errno.ENOENT, () -> union.root().link(Name.of("b"), file));
    }
  }
}
