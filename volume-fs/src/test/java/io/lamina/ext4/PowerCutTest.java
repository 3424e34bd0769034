package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Node;
import io.lamina.fs.Owner;
import io.lamina.fs.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the moment of a power cut, a volume comes back whole, with all that was synced. */
class PowerCutTest {
  private static final int FILES = 12;
  private static final int FIRST_INODE = 12;
  private static final int STEPS = 120;
  private static final String[] OPTIONS = {
    "-t ext4 -b 1024 -J size=1",
    "-t ext4 -b 1024 -J size=1 -O ^metadata_csum",
    "-t ext4 -b 4096 -J size=4 -O ^64bit",
    "-t ext4 -b 1024 -J size=1 -O ^metadata_csum,uninit_bg,^64bit"
  };

  @TempDir static Path directory;
  private static final List<byte[]> IMAGES = new ArrayList<>();

  @BeforeAll
  static void makeImages() throws Exception {
    E2fsprogs.require("mke2fs", "e2fsck", "debugfs");
    for (String options : OPTIONS) {
      Path image = E2fsprogs.mke2fs(directory.resolve("image"), "12M", options);
      StringBuilder commands = new StringBuilder();
      for (int i = 0; i < FILES; i++) {
        commands.append("write /dev/null f").append(i).append('\n');
      }
      E2fsprogs.debugfs(image, commands.toString());
      IMAGES.add(Files.readAllBytes(image));
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 8));
  }

  /** What the files hold, after each step; and the last step that was synced. */
  private static final class History {
    private final List<int[]> states = new ArrayList<>(List.of(new int[FILES]));
    private int synced;
  }

  private static void play(CrashingImage image, Random random, History history) throws IOException {
    io.lamina.ext4.Files files = Writing.begin(image, WriteOptions.DEFAULT);
    try {
      play(files, random, history);
    } catch (IOException e) {
      files.writing().journal().abort(e);
      throw e;
    } finally {
      files.volume().caches().forget(files.volume());
    }
  }

  private static void play(io.lamina.ext4.Files files, Random random, History history)
      throws IOException {
    Writing writing = files.requireWriting();
    RawFile raw = new RawFile(files);
    for (int step = 1; step <= STEPS; step++) {
      int chosen = random.nextInt(FILES);
      int blockCount = 1 + random.nextInt(40);
      boolean fills = random.nextInt(3) > 0;
      WritableInode inode = writing.live().acquire(FIRST_INODE + chosen);
      int[] next = history.states.get(history.states.size() - 1).clone();
      next[chosen] = fills ? step : 0;
      history.states.add(next);
      try (Handle handle = writing.journal().start(16, fills ? blockCount + 1 : 0)) {
        raw.empty(handle, inode);
        if (fills) {
          raw.fill(handle, inode, blockCount, random.nextBoolean(), step);
        }
      }
      writing.live().release(inode);
      if (random.nextInt(4) == 0) {
        writing.journal().sync();
        history.synced = history.states.size() - 1;
      }
    }
    writing.close();
    history.synced = history.states.size() - 1;
  }

  private static int[] stateOf(Ext4 tree) throws IOException {
    int[] state = new int[FILES];
    for (int i = 0; i < FILES; i++) {
      state[i] = RawFile.number(tree, "f" + i);
    }
    return state;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aVolumeComesBackWhole(long seed) throws Exception {
    byte[] made = IMAGES.get((int) (seed % IMAGES.size()));
    Random random = new Random(seed);
    CrashingImage device = new CrashingImage(made, 1 + random.nextInt(60));
    History history = new History();
    try {
      play(device, random, history);
    } catch (IOException e) {
      assertThat(device.isCut()).as(e.toString()).isTrue();
    }
    byte[] found = device.afterCut(random);
    int[] ours = recoveredHere(found.clone());
    assertThat(history.states.subList(history.synced, history.states.size())).contains(ours);
    assertThat(recoveredByE2fsck(found)).isEqualTo(ours);
  }

  private static int[] recoveredHere(byte[] found) throws Exception {
    MemoryDevice device = new MemoryDevice(found, "image");
    int[] state;
    try (Ext4 tree = Ext4.openWritable(device, WriteOptions.DEFAULT)) {
      assertThat(tree.isWritable()).isTrue();
      state = stateOf(tree);
    }
    check(found);
    return state;
  }

  private static int[] recoveredByE2fsck(byte[] found) throws Exception {
    Path image = directory.resolve("cut");
    Files.write(image, found);
    E2fsprogs.run(List.of("e2fsck", "-E", "journal_only", "-y", image.toString()), "", 1);
    byte[] recovered = Files.readAllBytes(image);
    check(recovered);
    try (Ext4 tree = Ext4.open(new MemoryDevice(recovered, "image"))) {
      return stateOf(tree);
    }
  }

  private static void check(byte[] content) throws Exception {
    Path image = directory.resolve("checked");
    Files.write(image, content);
    E2fsprogs.run(List.of("e2fsck", "-fn", image.toString()), "", 0);
  }

  @Test
  void syncingAnyDirectoryMakesAllOfTheVolumeDurable() throws Exception {
    Owner owner = new Owner(0, 0);
    CrashingImage device = new CrashingImage(IMAGES.get(0), Integer.MAX_VALUE);
    try (Ext4 tree = Ext4.openWritable(device, WriteOptions.DEFAULT)) {
      Node other = tree.root().create(Name.of("other"), NewFile.directory(0755, owner));
      Node made = tree.root().create(Name.of("made"), NewFile.directory(0755, owner));
      Node file = made.create(Name.of("file"), NewFile.regular(0644, owner));
      for (int round = 1; round < 4; round++) { // the first allocates, the others overwrite
        byte[] bytes = new byte[100_000];
        Arrays.fill(bytes, (byte) round);
        try (WritableFile open = file.openForWriting()) {
          open.write(0, ByteBuffer.wrap(bytes));
          other.sync();
          byte[] found = device.afterCut(new Random(round));
          try (Ext4 left = Ext4.open(new MemoryDevice(found, "image"))) {
            assertThat(Trees.content(Trees.find(left, "/made/file"))).isEqualTo(bytes);
          }
        }
      }
    }
  }

  @Test
  void theKernelReplaysWhatWasLeft() throws Exception {
    Tools.requireRoot();
    History history = new History();
    CrashingImage device = new CrashingImage(IMAGES.get(0), 41);
    try {
      play(device, new Random(1), history);
    } catch (IOException e) {
      assertThat(device.isCut()).as(e.toString()).isTrue();
    }
    Path image = directory.resolve("left");
    Files.write(image, device.afterCut(new Random(1)));
    KernelMount mount = KernelMount.ifPossible(image, "rw");
    org.junit.jupiter.api.Assumptions.assumeTrue(mount != null, "the kernel does not mount here");
    mount.close();
    check(Files.readAllBytes(image));
    try (Ext4 tree = Ext4.open(new MemoryDevice(Files.readAllBytes(image), "image"))) {
      assertThat(history.states.subList(history.synced, history.states.size()))
          .contains(stateOf(tree));
    }
  }
}
