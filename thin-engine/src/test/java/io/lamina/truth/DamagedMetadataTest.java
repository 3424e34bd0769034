package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.lamina.block.BlockDevice;
import io.lamina.images.Fixture;
import io.lamina.images.MetadataDump;
import io.lamina.images.TrueDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damaged metadata give one clear line or the right content: never wrong content, a crash or a
 * hang.
 */
class DamagedMetadataTest {
  /** Guards against a hang; nothing here takes longer than a moment. */
  private static final Duration HANG = Duration.ofSeconds(60);

  /** Their damage lies in what reading a volume does not need. */
  private static final Set<String> HARMLESS_TO_READERS =
      Set.of(
          "sb-compat-ro-feature",
          "sb-needs-check",
          "sb-held-root-garbage",
          "details-mapped-count-wrong",
          "datasm-bitmap-root-out-of-range",
          "datasm-used-block-marked-free",
          "datasm-bitmap-bitflip");

  /** Of these, what the space maps are asked for shows the damage. */
  private static final Set<String> HARMFUL_TO_ACCOUNTS =
      Set.of(
          "datasm-bitmap-root-out-of-range",
          "datasm-used-block-marked-free",
          "datasm-bitmap-bitflip");

  static Stream<String> copies() throws IOException {
    try (Stream<Path> files = Files.list(Fixture.DAMAGED_METADATA.directory())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".img"))
          .map(name -> name.replace(".img", ""))
          .sorted()
          .toList()
          .stream();
    }
  }

  private static PoolSource source(String copy) throws IOException {
    return PoolSource.files(
        Fixture.DAMAGED_METADATA.file(copy + ".img"), Fixture.KERNEL_THIN_BASIC.data());
  }

  @Test
  void thereAreFortyFour() throws IOException {
    assertThat(copies()).hasSize(44);
  }

  @ParameterizedTest
  @MethodSource("copies")
  void readsRightOrNamesTheDamage(String copy) throws IOException {
    Path file = source(copy).metadata();
    byte[] before = Files.readAllBytes(file);
    List<IOException> failures =
        assertTimeoutPreemptively(HANG, () -> failuresOfReading(source(copy)));
    if (HARMLESS_TO_READERS.contains(copy)) {
      assertThat(failures).isEmpty();
    } else {
      assertThat(failures).isNotEmpty().allSatisfy(DamagedMetadataTest::assertClear);
    }
    assertThat(Arrays.equals(before, Files.readAllBytes(file))).as("untouched").isTrue();
  }

  @ParameterizedTest
  @MethodSource("copies")
  void accountsRightOrNamesTheDamage(String copy) throws IOException {
    List<IOException> failures =
        assertTimeoutPreemptively(HANG, () -> failuresOfAccounting(source(copy)));
    assertThat(failures).allSatisfy(DamagedMetadataTest::assertClear);
    if (HARMFUL_TO_ACCOUNTS.contains(copy)) {
      assertThat(failures).isNotEmpty();
    } else if (HARMLESS_TO_READERS.contains(copy)) {
      assertThat(failures).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("copies")
  void hasNoHeldRootToShow(String copy) {
    PoolOptions held = new PoolOptions(true, Map.of());
    IOException failure =
        assertTimeoutPreemptively(
            HANG,
            () -> {
              try {
                ThinPool.open(source(copy), held).close();
                return new IOException("opened\nat the held root");
              } catch (IOException e) {
                return e;
              }
            });
    assertClear(failure);
  }

  private static void assertClear(IOException failure) {
    assertThat(failure.getMessage()).isNotBlank().doesNotContain("\n").hasSizeLessThan(300);
    if (failure instanceof CorruptException) {
      assertThat(failure).hasMessageContaining(" at block ");
    } else if (!(failure instanceof UnsupportedException)) {
      assertThat(failure.getClass()).isEqualTo(IOException.class);
    }
  }

  /** Opens the pool and reads each volume: a volume may fail, but not read wrong. */
  private static List<IOException> failuresOfReading(PoolSource source) throws IOException {
    List<IOException> failures = new ArrayList<>();
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT);
        ThinPool sound = Pools.open(Fixture.KERNEL_THIN_BASIC)) {
      try {
        pool.volumes();
      } catch (IOException e) {
        failures.add(e);
      }
      for (TrueDevice device : Fixture.KERNEL_THIN_BASIC.truth().devices()) {
        try {
          assertSame(
              pool.volume(device.id()).withSize(device.size()),
              sound.volume(device.id()).withSize(device.size()));
          assertSameMappings(pool, device.id());
        } catch (IOException e) {
          failures.add(e);
        }
      }
    } catch (IOException e) {
      failures.add(e);
    }
    return failures;
  }

  private static void assertSameMappings(ThinPool pool, int id) throws IOException {
    MetadataDump.Device expected =
        Fixture.KERNEL_THIN_BASIC.truth().dump().devices().stream()
            .filter(device -> device.id() == id)
            .findFirst()
            .orElseThrow();
    List<String> mappings = new ArrayList<>();
    pool.metadata()
        .forEachMapping(
            pool.metadata().deviceRoot(id).orElseThrow(),
            (blockNr, dataBlockNr, time, shared) ->
                mappings.add(Pools.mapping(blockNr, dataBlockNr, time)));
    assertThat(mappings).as("device " + id).isEqualTo(Pools.mappings(expected));
  }

  /** The same data and holes; of each block of data the first sector is compared. */
  private static void assertSame(BlockDevice volume, BlockDevice sound) throws IOException {
    long at = 0;
    while (at < volume.size()) {
      long data = volume.nextData(at);
      assertThat(data).as(volume.name() + ": data after " + at).isEqualTo(sound.nextData(at));
      if (data == volume.size()) {
        return;
      }
      at = volume.nextHole(data);
      assertThat(at).as(volume.name() + ": hole after " + data).isEqualTo(sound.nextHole(data));
      for (long block = data; block < at; block += 65536) {
        assertThat(sector(volume, block)).isEqualTo(sector(sound, block));
      }
    }
  }

  private static ByteBuffer sector(BlockDevice device, long offset) throws IOException {
    ByteBuffer sector = ByteBuffer.allocate(512);
    device.read(offset, sector);
    return sector.flip();
  }

  private static List<IOException> failuresOfAccounting(PoolSource source) throws IOException {
    List<IOException> failures = new ArrayList<>();
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT);
        ThinPool sound = Pools.open(Fixture.KERNEL_THIN_BASIC)) {
      assertThat(pool.status().dataBlockCount()).isEqualTo(8192);
      for (TrueDevice device : Fixture.KERNEL_THIN_BASIC.truth().devices()) {
        try {
          assertThat(pool.exclusivelyMappedBlocks(device.id()))
              .isEqualTo(sound.exclusivelyMappedBlocks(device.id()));
        } catch (IOException e) {
          failures.add(e);
        }
      }
    } catch (IOException e) {
      failures.add(e);
    }
    return failures;
  }
}
