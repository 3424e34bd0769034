package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.block.MemoryDevice;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.images.HostManifest;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.truth.TreeManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Volumes with fast commits, taken from under the kernel while it had them mounted, against what
 * the kernel makes of them at its next mount.
 */
class FastCommitTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  /** A file of two names would have another access time by the second one. */
  private static final WriteOptions WITHOUT_ACCESS_TIMES = new WriteOptions(true, false);

  /** The kernel commits all by itself after five seconds else, and what is played is none then. */
  private static final String UNTIL_SYNCED = "rw,noatime,commit=3600";

  private static final String[] OPTIONS = {" -b 4096", " -b 1024", ",inline_data -b 4096"};

  static LongStream seeds() {
    return LongStream.range(0, Math.min(200, Integer.getInteger("lamina.seeds", 5)));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void showsTheFilesAsTheKernelDoesAfterItsReplay(long seed) throws IOException {
    Tools.require("mke2fs", "mount");
    assumeTrue(
        HostManifest.missingProgram() == null, HostManifest.missingProgram() + " is missing");
    Tools.requireRoot();
    Path live = directory.resolve("live.img");
    Path crashed = directory.resolve("crashed.img");
    make(live, OPTIONS[(int) (seed % OPTIONS.length)], 64);
    Manifest atCrash;
    try (KernelMount mount = KernelMount.ifPossible(live, UNTIL_SYNCED)) {
      assumeTrue(mount != null, "this kernel has no fast commits");
      play(mount.directory(), new Random(seed));
      Files.copy(live, crashed);
      atCrash = HostManifest.of(mount.directory());
    }
    Path replayed = directory.resolve("replayed.img");
    Files.copy(crashed, replayed, StandardCopyOption.REPLACE_EXISTING);
    try (Ext4 opened = Ext4.open(new FileImage(crashed));
        KernelMount mount = KernelMount.ifPossible(replayed, "rw,noatime")) {
      assumeTrue(mount != null, "the kernel refuses what was copied while it wrote");
      assertThat(opened.replayed()).isNotNull();
      Manifest seen = TreeManifest.of(opened.root());
      Manifest truth = HostManifest.of(mount.directory());
      assertThat(truth.differences(seen, FastCommitTest::isComparable)).isEmpty();
      assertThat(atCrash.differences(seen, FastCommitTest::isComparable)).isEmpty();
      isWrittenAsItIsShown(crashed, seen);
    }
  }

  /** Opened for writing, it is the same, and stays so on disk. */
  private void isWrittenAsItIsShown(Path crashed, Manifest seen) throws IOException {
    Path written = directory.resolve("written.img");
    Files.copy(crashed, written, StandardCopyOption.REPLACE_EXISTING);
    try (Ext4 opened =
        Ext4.openWritable(
            FileDevice.openWritable(written, HolePuncher.NONE), WITHOUT_ACCESS_TIMES)) {
      assertThat(opened.readOnlyReason()).isNull();
      assertThat(seen.differences(TreeManifest.of(opened.root()), FastCommitTest::isComparable))
          .isEmpty();
      opened.root().create(Name.of("after"), NewFile.regular(0644, new Owner(0, 0)));
    }
    Tools.run(0, "", "e2fsck", "-fn", written.toString());
    try (Ext4 opened = Ext4.open(new FileImage(written))) {
      assertThat(opened.replayed()).isNull();
      assertThat(opened.root().child(Name.of("after"))).isNotNull();
    }
  }

  @Test
  void aPowerCutDuringTheReplayLosesNothing() throws IOException {
    Tools.require("mke2fs", "mount", "e2fsck");
    Tools.requireRoot();
    Path live = directory.resolve("live.img");
    Path image = directory.resolve("cut.img");
    make(live, " -b 1024 -J size=4", 24);
    byte[] crashed;
    try (KernelMount mount = KernelMount.ifPossible(live, UNTIL_SYNCED)) {
      assumeTrue(mount != null, "this kernel has no fast commits");
      play(mount.directory(), new Random(4));
      crashed = Files.readAllBytes(live);
    }
    Manifest seen;
    try (Ext4 opened = Ext4.open(new MemoryDevice(crashed, "crashed"))) {
      assertThat(opened.replayed()).isNotNull();
      assertThat(opened.replayed().fastCommitTagCount()).isPositive();
      seen = TreeManifest.of(opened.root());
    }
    RecordingDevice device = new RecordingDevice(crashed.clone());
    Ext4.openWritable(device, WITHOUT_ACCESS_TIMES).close();
    RecordingDevice.Cuts cuts = device.new Cuts();
    Random random = new Random(4);
    for (int moment = 0; moment <= device.moment(); moment++) {
      byte[] found = cuts.at(moment, random);
      try (Ext4 opened = Ext4.openWritable(new MemoryDevice(found, "cut"), WITHOUT_ACCESS_TIMES)) {
        assertThat(opened.readOnlyReason()).isNull();
        assertThat(seen.differences(TreeManifest.of(opened.root()), FastCommitTest::isComparable))
            .as("cut at " + moment + " of " + device.moment())
            .isEmpty();
      }
      Files.write(image, found);
      Tools.run(0, "", "e2fsck", "-fn", image.toString());
    }
  }

  /** The times and links of directories are not in fast commits; the kernel makes them up. */
  private static boolean isComparable(ManifestEntry entry, ManifestField field) {
    return entry.type() != 'd'
        || field == ManifestField.TYPE
        || field == ManifestField.PERMISSIONS
        || field == ManifestField.INODE;
  }

  private static void make(Path image, String options, int mebibytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) mebibytes << 20);
    }
    String[] arguments = ("-q -F -t ext4 -O fast_commit" + options + " " + image).split(" ", -1);
    Tools.run(0, "", "mke2fs", arguments);
  }

  private static void play(Path root, Random random) throws IOException {
    for (int i = 0; i < 10; i++) {
      change(root, random, i);
    }
    Tools.run(0, "", "sync", "-f", root.toString()); // a whole transaction
    for (int i = 10; i < 45; i++) {
      change(root, random, i);
    }
  }

  private static void change(Path root, Random random, int number) throws IOException {
    Path old = root.resolve("file" + random.nextInt(number + 1));
    Path fresh = root.resolve("file" + number);
    switch (random.nextInt(13)) {
      case 8 -> Files.createDirectories(root.resolve("dir" + random.nextInt(5)));
      case 9 -> write(directory(root, random).resolve("file" + random.nextInt(4)), random, true);
      case 10 -> {
        if (Files.isRegularFile(old)) {
          Files.move(old, directory(root, random).resolve("moved" + number));
        }
      }
      case 11 -> Files.deleteIfExists(directory(root, random).resolve("file" + random.nextInt(4)));
      case 12 -> {
        if (!Files.exists(fresh)) {
          String target = "t".repeat(1 + random.nextInt(number % 2 == 0 ? 50 : 200));
          Files.createSymbolicLink(root.resolve("link" + number), Path.of(target));
        }
      }
      case 0 -> Files.deleteIfExists(old);
      case 1 -> {
        if (Files.exists(old) && !old.equals(fresh)) {
          Files.move(old, fresh, StandardCopyOption.REPLACE_EXISTING);
        }
      }
      case 2 -> {
        if (Files.exists(old) && !Files.exists(fresh)) {
          Files.createLink(fresh, old);
        }
      }
      case 3 -> {
        if (Files.exists(old)) {
          write(old, random, true);
        }
      }
      default -> write(fresh, random, false);
    }
    Path synced = root.resolve("synced");
    write(synced, random, false);
  }

  private static Path directory(Path root, Random random) throws IOException {
    return Files.createDirectories(root.resolve("dir" + random.nextInt(5)));
  }

  /** Writes to a file here and there, or cuts it, and waits for the disk: for a commit. */
  private static void write(Path path, Random random, boolean cut) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      if (cut) {
        file.setLength(random.nextInt(50_000));
      }
      for (int i = random.nextInt(6); i >= 0; i--) {
        byte[] bytes = new byte[1 + random.nextInt(10_000)];
        random.nextBytes(bytes);
        file.seek(random.nextInt(100_000));
        file.write(bytes);
      }
      file.getFD().sync();
    }
  }
}
