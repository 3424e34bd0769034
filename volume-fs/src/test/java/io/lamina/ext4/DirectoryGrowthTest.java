package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.lamina.fs.Errno;
import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.RenameMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Directories that become large, change their form, or run out of room. */
class DirectoryGrowthTest {
  private static final Owner OWNER = new Owner(0, 0);
  private static final List<RenameMode> MODES = List.of(RenameMode.values());

  @TempDir(factory = InMemory.class)
  Path directory;

  private static Node directory(Node parent, String name) throws IOException {
    return parent.create(Name.of(name), NewFile.directory(0755, OWNER));
  }

  private static Node child(Node parent, String name) throws IOException {
    Node child = parent.child(Name.of(name));
    return child != null ? child : fail(name + " is not there");
  }

  private static int count(Node parent) throws IOException {
    int[] count = {0};
    parent.list(0, (name, nr, type, next) -> ++count[0] > 0);
    return count[0];
  }

  /** A third level is needed from some 36,000 names of this length on in blocks of 1 KiB. */
  @Test
  void aTreeOfHashesGrowsByLevels() throws IOException {
    WritableImage image = new WritableImage(directory, "64M", "-b 1024 -O large_dir -N 1000");
    int count = 40_000;
    try (Ext4 volume = image.open()) {
      Node file = volume.root().create(Name.of("file"), NewFile.regular(0, OWNER));
      Node dir = directory(volume.root(), "dir");
      for (int i = 0; i < count; i++) {
        dir.link(Name.of(String.format("%0230d", i)), file);
      }
      assertThat(count(dir)).isEqualTo(count);
    }
    assertThat(E2fsprogs.debugfs(image.file(), "htree_dump /dir\n")).contains("Indirect levels: 2");
    image.check();
    try (Ext4 volume = image.open()) {
      Node dir = child(volume.root(), "dir");
      for (int i = 0; i < count; i += 97) {
        assertThat(dir.child(Name.of(String.format("%0230d", i)))).isNotNull();
      }
    }
  }

  @Test
  void aHundredThousandFilesAreMadeFoundAndHalfOfThemRemoved() throws IOException {
    WritableImage image = new WritableImage(directory, "200M", "-b 4096 -N 100100");
    int count = 100_000;
    try (Ext4 volume = image.open()) {
      Node dir = directory(volume.root(), "dir");
      for (int i = 0; i < count; i++) {
        dir.create(Name.of("file-" + i), NewFile.regular(0644, OWNER));
      }
      assertThat(count(dir)).isEqualTo(count);
      for (int i = 0; i < count; i += 2) {
        dir.unlink(Name.of("file-" + i));
      }
    }
    image.check();
    try (Ext4 volume = image.open()) {
      Node dir = child(volume.root(), "dir");
      assertThat(count(dir)).isEqualTo(count / 2);
      assertThat(dir.child(Name.of("file-" + (count - 1)))).isNotNull();
      assertThat(dir.child(Name.of("file-" + (count - 2)))).isNull();
    }
  }

  @Test
  void anIndexWithoutRoomForOneMoreNodeIsFull() throws IOException {
    WritableImage image = new WritableImage(directory, "64M", "-b 1024 -N 1000");
    try (Ext4 volume = image.open()) {
      Node file = volume.root().create(Name.of("file"), NewFile.regular(0, OWNER));
      Node dir = directory(volume.root(), "dir");
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 64_000; i++) {
                  dir.link(Name.of(String.format("%0255d", i)), file);
                }
              })
          .isInstanceOfSatisfying(
              FsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      assertThat(count(dir)).isGreaterThan(10_000);
    }
    image.check();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-b 4096", "-b 4096 -I 1024", "-b 4096 -O ^extent,^64bit,^dir_index"})
  void aDirectoryInItsInodeMovesIntoABlock(String options) throws IOException {
    Path tree = Files.createDirectories(directory.resolve("tree/dir/inner"));
    Files.createFile(tree.resolveSibling("a"));
    Files.createFile(tree.resolveSibling("bb"));
    WritableImage image =
        new WritableImage(
            directory, "32M", options + " -O inline_data -d " + directory.resolve("tree"));
    assertThat(E2fsprogs.debugfs(image.file(), "stat dir\n")).contains("Flags: 0x10");
    try (Ext4 volume = image.open()) {
      Node dir = child(volume.root(), "dir");
      Node other = directory(volume.root(), "other");
      dir.rename(Name.of("inner"), other, Name.of("moved"), RenameMode.REPLACE);
      dir.unlink(Name.of("a"));
      other.rename(Name.of("moved"), dir, Name.of("inner"), RenameMode.REPLACE);
      for (int i = 0; i < 300; i++) {
        dir.create(Name.of("name" + i), NewFile.regular(0600, OWNER));
      }
      assertThat(count(dir)).isEqualTo(302);
      assertThat(dir.child(Name.of("bb"))).isNotNull();
      directory(child(dir, "inner"), "below");
      for (int i = 0; i < 300; i++) {
        dir.unlink(Name.of("name" + i));
      }
    }
    image.check();
    image.compareWithKernel();
  }

  /** The count that it has is debugfs's word: e2fsck would not believe it, so it is not asked. */
  @Test
  void anIndexedDirectoryHasMoreSubdirectoriesThanCanBeCounted() throws IOException {
    WritableImage image = new WritableImage(directory, "16M", "-b 1024");
    try (Ext4 volume = image.open()) {
      Node dir = directory(volume.root(), "dir");
      for (int i = 0; i < 60; i++) {
        directory(dir, "a rather long name of a directory " + i);
      }
    }
    E2fsprogs.debugfs(image.file(), "set_inode_field dir links_count 64999\n");
    try (Ext4 volume = image.open()) {
      Node dir = child(volume.root(), "dir");
      directory(dir, "the last that is counted");
      assertThat(dir.attributes().linkCount()).isEqualTo(65000);
      directory(dir, "one more");
      assertThat(dir.attributes().linkCount()).isEqualTo(1);
      directory(dir, "two more");
      dir.removeDirectory(Name.of("one more"));
      assertThat(dir.attributes().linkCount()).isEqualTo(1);
    }
  }

  @Test
  void whatDoesNotFitLeavesNothingBehind() throws IOException {
    WritableImage image = new WritableImage(directory, "8M", "-b 1024 -N 8000 -O ^has_journal");
    try (Ext4 volume = image.open()) {
      Node root = volume.root();
      int made = 0;
      try {
        while (true) {
          directory(root, "directory " + made);
          made++;
        }
      } catch (FsException e) {
        assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
      }
      assertThat(root.child(Name.of("directory " + made))).isNull();
      assertThat(count(root)).isEqualTo(made + 1);
      for (int i = 0; i < made; i += 2) {
        root.removeDirectory(Name.of("directory " + i));
      }
      directory(root, "one more");
    }
    image.check();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"-b 1024", "-b 4096 -O ^has_journal"})
  void manyThreadsChangeNamesAtOnce(String options) throws Exception {
    WritableImage image = new WritableImage(directory, "64M", options);
    try (Ext4 volume = image.open()) {
      List<Node> directories = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        directories.add(directory(volume.root(), "d" + i));
      }
      ExecutorService executor = Executors.newFixedThreadPool(6);
      List<Future<?>> walks = new ArrayList<>();
      for (int seed = 0; seed < 6; seed++) {
        Random random = new Random(seed);
        walks.add(executor.submit(() -> walk(directories, random, 2500)));
      }
      for (Future<?> walk : walks) {
        walk.get();
      }
      executor.shutdown();
    }
    image.check();
    image.compareWithKernel();
  }

  private static Void walk(List<Node> directories, Random random, int steps) throws IOException {
    for (int step = 0; step < steps; step++) {
      Node one = directories.get(random.nextInt(directories.size()));
      Node other = directories.get(random.nextInt(directories.size()));
      Name name = Name.of("n" + random.nextInt(40));
      Name newName = Name.of("n" + random.nextInt(40));
      RenameMode mode = MODES.get(random.nextInt(3));
      try {
        switch (random.nextInt(8)) {
          case 0, 1 -> one.create(name, NewFile.regular(0644, OWNER));
          case 2 -> one.create(name, NewFile.directory(0755, OWNER));
          case 3 -> one.unlink(name);
          case 4 -> one.removeDirectory(name);
          case 5 -> {
            Node child = one.child(name);
            if (child != null) {
              other.link(newName, child);
            }
          }
          case 6 -> one.list(0, (listed, nr, type, next) -> true);
          default -> one.rename(name, other, newName, mode);
        }
      } catch (FsException e) {
        assertThat(e.errno())
            .isIn(
                Errno.EEXIST,
                Errno.ENOENT,
                Errno.EISDIR,
                Errno.ENOTDIR,
                Errno.ENOTEMPTY,
                Errno.EPERM,
                Errno.ESTALE,
                Errno.EINVAL);
      }
    }
    return null;
  }
}
