package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import io.lamina.images.Await;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Renames beside other changes. */
class RenamingTest {
  private static final NewFile DIRECTORY = NewFile.directory(0755, new Owner(0, 0));
  private static final NewFile FILE = NewFile.regular(0644, new Owner(0, 0));
  private static final Name ABOVE = Name.of("above");
  private static final Name TARGET = Name.of("target");
  private static final Name NAME = Name.of("name");

  @TempDir(factory = InMemory.class)
  Path directory;

  /** The rename is held up where it asks what lies above its target. */
  @ParameterizedTest(name = "number of the directory above used again: {0}")
  @ValueSource(booleans = {false, true})
  void aTargetThatIsRemovedMeanwhileWithAllAboveItIsGone(boolean numberUsedAgain) throws Exception {
    WritableImage image = new WritableImage(directory, "16M", "-b 4096");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      Node source = root.create(Name.of("source"), DIRECTORY);
      source.create(NAME, FILE);
      Node above = root.create(ABOVE, DIRECTORY);
      Ext4Node target = (Ext4Node) above.create(TARGET, DIRECTORY);
      long numberAbove = above.attributes().inodeNr();
      CompletableFuture<Throwable> outcome = new CompletableFuture<>();
      Thread renaming =
          new Thread(
              () ->
                  outcome.complete(
                      catchThrowable(() -> source.rename(NAME, target, NAME, RenameMode.REPLACE))),
              "renaming");
      try (LockedFiles locked = new LockedFiles(volume.files())) {
        ReentrantReadWriteLock lock = locked.lock(locked.hold(target)).lock();
        renaming.start();
        Await.until("the rename at its target", () -> lock.hasQueuedThread(renaming));
        above.removeDirectory(TARGET);
        root.removeDirectory(ABOVE);
        if (numberUsedAgain) {
          assertThat(root.create(ABOVE, FILE).attributes().inodeNr()).isEqualTo(numberAbove);
        }
      }
      assertThat(outcome.get(1, TimeUnit.MINUTES))
          .isInstanceOfSatisfying(
              FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
      assertThat(source.child(NAME)).isNotNull();
      root.create(Name.of("afterwards"), FILE);
    }
    image.check();
  }
}
