package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Volumes whose bytes were changed at random never do worse than an IOException, and end. */
@Timeout(value = 10, unit = TimeUnit.MINUTES) // only against a hang
class Ext4HostileTest {
  private static final int ROUNDS = 60;
  private static final int FILE_BYTES = 200_000;
  private static final List<String> KINDS =
      List.of(
          "-t ext4 -b 1024 -O ^metadata_csum,^has_journal,inline_data,ea_inode -I 256",
          "-t ext4 -b 1024 -O ^metadata_csum,^has_journal,^extent,^64bit",
          "-t ext4 -b 4096 -O ^metadata_csum,^has_journal,large_dir",
          "-t ext4 -b 1024");

  @TempDir Path directory;

  @BeforeEach
  void requireTools() {
    E2fsprogs.require("mke2fs", "debugfs", "e2fsck");
  }

  static LongStream seeds() {
    return LongStream.range(0, Long.getLong("lamina.seeds", 5));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aSpoiltVolumeGivesOnlyIoExceptions(long seed) throws Exception {
    Random random = new Random(seed);
    for (String kind : KINDS) {
      Image sound = volume(kind);
      List<Integer> used = usedBlocks(sound);
      for (int round = 0; round < ROUNDS; round++) {
        Image spoilt = spoil(sound, used, random);
        try (Ext4 tree = Ext4.open(spoilt)) {
          Trees.walkDamaged(tree, FILE_BYTES);
          tree.space();
        } catch (IOException e) {
          assertThat(e.getMessage()).isNotEmpty();
        } catch (RuntimeException | Error e) {
          throw new AssertionError("seed " + seed + ", round " + round + ", " + kind, e);
        }
      }
    }
  }

  private Image volume(String kind) throws IOException {
    Path source = directory.resolve("source");
    if (!Files.exists(source)) {
      Files.createDirectories(source.resolve("many"));
      for (int i = 0; i < 150; i++) {
        Files.writeString(source.resolve("many").resolve("a rather long name " + i), "" + i);
      }
      Files.writeString(source.resolve("big"), "0123456789".repeat(40_000));
      Files.writeString(source.resolve("small"), "short");
      Files.createSymbolicLink(source.resolve("link"), Path.of("target"));
      Files.createSymbolicLink(source.resolve("long"), Path.of("t".repeat(200)));
    }
    Path image = E2fsprogs.mke2fs(directory.resolve("image"), "4M", kind + " -N 256 -d " + source);
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      commands.append("ea_set /small user.name" + i + " value" + i + "\n");
    }
    for (int i = 0; i < 40; i++) { // a file of many pieces has a deeper tree
      commands.append("punch /big " + (2 * i) + " " + (2 * i) + "\n");
    }
    E2fsprogs.debugfs(image, commands.toString());
    E2fsprogs.run(List.of("e2fsck", "-fyD", image.toString()), "", 1);
    return Image.of(image);
  }

  private static List<Integer> usedBlocks(Image image) {
    List<Integer> used = new ArrayList<>();
    for (int at = 1024; at < image.size(); at += 1024) {
      int end = at + 1024;
      for (int i = at; i < end; i += Long.BYTES) {
        if (image.bytes().getLong(i) != 0) {
          used.add(at);
          break;
        }
      }
    }
    return used;
  }

  private static final long[] TEMPTING = {0, 1, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffffL, 4, 12};

  private static Image spoil(Image sound, List<Integer> used, Random random) {
    Image spoilt = sound.copy();
    int changes = 1 << random.nextInt(7);
    for (int i = 0; i < changes; i++) {
      int at = used.get(random.nextInt(used.size())) + random.nextInt(1024 / 4) * 4;
      boolean isSuperblock = at < 2048;
      if (isSuperblock && random.nextInt(8) != 0) {
        continue; // mostly leave what decides whether it can be opened at all
      }
      switch (random.nextInt(4)) {
        case 0 -> spoilt.bytes().put(at + random.nextInt(4), (byte) random.nextInt());
        case 1 -> spoilt.bytes().putShort(at, (short) TEMPTING[random.nextInt(TEMPTING.length)]);
        case 2 -> spoilt.bytes().putInt(at, (int) TEMPTING[random.nextInt(TEMPTING.length)]);
        default -> spoilt.bytes().putInt(at, random.nextInt(4096)); // a likely block or inode
      }
    }
    return spoilt;
  }
}
