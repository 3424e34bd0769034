package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.graph.DurableFile;
import io.lamina.source.PoolSource;
import io.lamina.thin.CrashingDevice;
import io.lamina.thin.PoolOnDevices;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power is cut at some flush of a store's pool while images and containers come and go: of what
 * was not flushed the pool has lost a random part; the records beside it are as they were then.
 */
class StorePowerCutTest {
  private static final int SECTOR_BYTES = 512;

  /** Written as a whole: else ext4's superblock, which lies in two sectors, would be torn. */
  private static final int PAGE_BYTES = 4096;

  private static final int NEVER = Integer.MAX_VALUE - 1;

  private @TempDir Path scratch;
  private Path fresh;
  private NewStore.Kind kind;

  @ParameterizedTest
  @EnumSource
  void whereverItIsCutTheStoreOpensAndNothingIsHalfMade(NewStore.Kind storeKind) throws Exception {
    StoreTools.requireRootAndMkfs();
    kind = storeKind;
    fresh = scratch.resolve("fresh");
    NewStore.create(fresh, kind, new NewStore.Sizes(32 << 20, 16 << 20));
    try (WritableRoot opened = WritableRoot.open(fresh, WriteOptions.DEFAULT)) {
      StoreTools.addImage(opened, StoreTools.tar(scratch, List.of("a", "1")), "app:1");
    }
    Random random = new Random(11);
    int most = flushCount(NEVER, random);
    int cutCount = Integer.getInteger("lamina.cuts", 4);
    for (int i = 0; i < cutCount; i++) {
      int flushes = random.nextInt(most);
      assertThat(flushCount(flushes, random)).isEqualTo(flushes + 1);
      Path found = scratch.resolve("found");
      KilledStoreTest.check(found, kind, "cut at flush " + flushes + " of " + most);
      remove(found);
    }
  }

  private PoolSource source(Path root) throws IOException {
    return kind == NewStore.Kind.THIN
        ? PoolSource.find(root)
        : PoolSource.directory(PooledDirectories.pool(root));
  }

  /**
   * Changes a store until its power is cut; what a machine then finds lies in {@code found}.
   *
   * @return flushes until then, with the one that failed
   */
  private int flushCount(int flushes, Random random) throws Exception {
    Path played = scratch.resolve("played");
    Path found = scratch.resolve("found");
    copy(fresh, played);
    CrashingDevice.Power power = new CrashingDevice.Power(flushes);
    CrashingDevice metadata = device(source(fresh).metadata(), SECTOR_BYTES, power);
    CrashingDevice data = device(source(fresh).data(), PAGE_BYTES, power);
    power.onCut(() -> copyWhole(played, found));
    try (WritableRoot opened =
        WritableRoot.open(RootSource.of(played), store -> driver(played, metadata, data))) {
      StoreSteps.run(opened, scratch);
    } catch (IOException e) {
      assertThat(power.isCut()).as(e.toString()).isTrue();
    }
    if (power.isCut()) {
      Files.write(source(found).metadata(), metadata.afterCut(random));
      Files.write(source(found).data(), data.afterCut(random));
    }
    remove(played);
    return power.flushesDone();
  }

  private static CrashingDevice device(Path file, int unitBytes, CrashingDevice.Power power)
      throws IOException {
    return new CrashingDevice(Files.readAllBytes(file), unitBytes, power, file.toString());
  }

  private WritableDriver driver(Path root, CrashingDevice metadata, CrashingDevice data)
      throws IOException {
    PoolVolumes volumes = PoolOnDevices.of(source(root), metadata, data);
    return kind == NewStore.Kind.THIN
        ? new WritableDevices(volumes, new DeviceNotes(root))
        : PooledDirectories.of(volumes);
  }

  /** What another thread renames meanwhile is looked for again. */
  private static void copyWhole(Path from, Path to) {
    for (int tries = 0; ; tries++) {
      try {
        copy(from, to);
        return;
      } catch (NoSuchFileException e) {
        if (tries > 9) {
          throw new UncheckedIOException(e);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    remove(to);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  private static void remove(Path tree) throws IOException {
    if (Files.exists(tree)) {
      DurableFile.removeTree(tree);
    }
  }
}
