package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lamina.fs.AttributeChange;
import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import io.lamina.fs.XattrMode;
import io.lamina.images.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whoever waits for the lock of a file while that is deleted finds it gone: its inode is nobody's
 * then, or another file's.
 */
class DeletedMeanwhileTest {
  private static final NewFile FILE = NewFile.regular(0644, new Owner(0, 0));
  private static final Name NAME = Name.of("name");
  private static final Name XATTR = Name.of("user.of");
  private static final byte[] LONG_VALUE = new byte[600];

  /** Something done to a file, in a directory. */
  @FunctionalInterface
  private interface Use {
    void of(Node file, Node directory) throws IOException;
  }

  @TempDir(factory = InMemory.class)
  Path directory;

  static List<Arguments> uses() {
    return Stream.of(
            use("setxattr", (file, root) -> file.setXattr(XATTR, LONG_VALUE, XattrMode.ANY)),
            use("removexattr", (file, root) -> file.removeXattr(XATTR)),
            use("listxattr", (file, root) -> file.xattrNames()),
            use("chmod", (file, root) -> file.change(AttributeChange.NONE.withPermissions(0600))),
            use("chattr", (file, root) -> file.setFlags(file.flags())),
            use("link", (file, root) -> root.link(Name.of("other"), file)))
        .toList();
  }

  private static Arguments use(String call, Use use) {
    return Arguments.of(call, use);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("uses")
  void aFileThatIsDeletedMeanwhileIsStale(String call, Use use) throws Exception {
    WritableImage image = new WritableImage(directory, "16M", "-b 1024");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      Node file = root.create(NAME, FILE);
      WritableFile opened = file.openForWriting();
      opened.append(ByteBuffer.allocate(5000));
      root.unlink(NAME);
      long inodeNr = file.attributes().inodeNr();
      ReentrantReadWriteLock lock = volume.files().requireWriting().live().known(inodeNr).lock();
      Waiting deletion = new Waiting(opened::close);
      Waiting other = new Waiting(() -> use.of(file, root));
      lock.readLock().lock();
      try {
        deletion.startAndWaitFor(lock);
        other.startAndWaitFor(lock);
      } finally {
        lock.readLock().unlock();
      }
      assertThat(deletion.outcome()).isNull();
      assertThat(other.outcome())
          .isInstanceOfSatisfying(
              FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ESTALE));
    }
    image.check();
  }

  @Test
  void aFileThatGetsItsFirstNameBeforeItIsDeletedIsKept() throws Exception {
    WritableImage image = new WritableImage(directory, "16M", "-b 1024");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      WritableFile opened = root.createUnnamed(FILE);
      opened.append(ByteBuffer.allocate(5000));
      ReentrantReadWriteLock lock = lock(volume, opened.node());
      Waiting deletion = new Waiting(opened::close);
      lock.writeLock().lock();
      try {
        deletion.startAndWaitFor(lock);
        root.link(NAME, opened.node());
      } finally {
        lock.writeLock().unlock();
      }
      assertThat(deletion.outcome()).isNull();
      assertThat(root.child(NAME).attributes().size()).isEqualTo(5000);
    }
    image.check();
  }

  private static ReentrantReadWriteLock lock(Ext4 volume, Node file) throws IOException {
    long inodeNr = file.attributes().inodeNr();
    return volume.files().requireWriting().live().known(inodeNr).lock();
  }

  /** A thread that does one thing. */
  private static final class Waiting {
    /** What is done. */
    @FunctionalInterface
    private interface Action {
      void run() throws IOException;
    }

    private final CompletableFuture<Throwable> outcome = new CompletableFuture<>();
    private final Thread thread;

    Waiting(Action action) {
      thread = new Thread(() -> outcome.complete(catchThrowable(action::run)), "waiting");
    }

    void startAndWaitFor(ReentrantReadWriteLock lock) throws Exception {
      thread.start();
      Await.until("a thread that waits for the file", () -> lock.hasQueuedThread(thread));
    }

    /** What it threw, null for nothing. */
    Throwable outcome() throws Exception {
      return outcome.get(1, TimeUnit.MINUTES);
    }
  }
}
