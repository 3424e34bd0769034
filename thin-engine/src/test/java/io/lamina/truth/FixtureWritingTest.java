package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.FileDevice;
import io.lamina.images.Fixture;
import io.lamina.images.TrueDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WritableVolume;
import io.lamina.thin.WriteOptions;
import io.lamina.thin.check.CheckProgress;
import io.lamina.thin.check.PoolCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pools of the kernel are written to: volumes that are not stay what they are. */
class FixtureWritingTest {
  private static final int SNAPSHOT = 5_000_000;
  private static final int NEW = 5_000_001;
  private static final Path THIN_CHECK = Path.of("/usr/sbin/thin_check");

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(
      names = {
        "KERNEL_THIN_BASIC",
        "KERNEL_THIN_SHARED_OVERFLOW",
        "KERNEL_THIN_CRASH_1",
        "KERNEL_THIN_REVOKE",
        "EXTERNAL_ORIGIN"
      })
  void volumesThatAreNotWrittenToStayWhatTheyAre(Fixture fixture) throws Exception {
    PoolSource source =
        PoolSource.files(copy(fixture.metadata(), "metadata"), copy(fixture.data(), "data"));
    List<TrueDevice> devices = fixture.truth().devices();
    TrueDevice written = devices.get(0);
    TrueDevice emptied = devices.get(1);
    byte[] random = new byte[300_000];
    new Random(1).nextBytes(random);
    PoolOptions options = options(fixture, devices);
    try (WritablePool pool = WritablePool.open(source, options, WriteOptions.DEFAULT)) {
      pool.createSnapshot(SNAPSHOT, written.id());
      pool.createThin(NEW);
      WritableVolume volume = pool.volume(written.id()).withSize(written.size());
      volume.write(1_000_001, ByteBuffer.wrap(random));
      pool.volume(NEW).withSize(written.size()).write(77, ByteBuffer.wrap(random));
      pool.volume(emptied.id()).withSize(emptied.size()).discard(0, emptied.size());
      pool.commit();
      volume.write(written.size() - random.length, ByteBuffer.wrap(random));
      pool.delete(NEW);
    }
    check(source);
    try (ThinPool pool = ThinPool.open(source, options)) {
      byte[] found = new byte[random.length];
      pool.volume(written.id()).withSize(written.size()).read(1_000_001, ByteBuffer.wrap(found));
      assertThat(Arrays.equals(found, random)).isTrue();
      for (TrueDevice device : devices.subList(2, devices.size())) {
        assertThat(Pools.sha256OfData(pool.volume(device.id()).withSize(device.size())))
            .as("device " + device.id())
            .isEqualTo(device.sha256());
      }
      if (fixture != Fixture.EXTERNAL_ORIGIN) {
        assertThat(Pools.sha256OfData(pool.volume(SNAPSHOT).withSize(written.size())))
            .as("the snapshot")
            .isEqualTo(written.sha256());
      }
    }
  }

  /** The writes that made the fixture's third device, once more on a new one. */
  @Test
  void blocksWrittenInPartOverAnOriginAreFilledAsTheKernelFilledThem() throws Exception {
    Fixture fixture = Fixture.EXTERNAL_ORIGIN;
    PoolSource source =
        PoolSource.files(copy(fixture.metadata(), "metadata"), copy(fixture.data(), "data"));
    TrueDevice kernels = fixture.truth().devices().get(2);
    try (WritablePool pool = WritablePool.open(source, PoolOptions.DEFAULT, WriteOptions.DEFAULT)) {
      pool.createThin(NEW);
    }
    PoolOptions options =
        new PoolOptions(false, Map.of(NEW, fixture.directory().resolve("origin.img")));
    try (WritablePool pool = WritablePool.open(source, options, WriteOptions.DEFAULT)) {
      WritableVolume volume = pool.volume(NEW).withSize(kernels.size());
      long nearEnd = 48L << 20; // of the origin, which ends in the middle of a block
      for (long offset :
          new long[] {
            512, 65536 * 3 + 4096, nearEnd - 512, nearEnd + 1024, kernels.size() - 1024
          }) {
        byte[] bytes = "EXTW".repeat(128).getBytes(StandardCharsets.US_ASCII);
        volume.write(offset, ByteBuffer.wrap(bytes));
      }
      volume.discard(0, 1 << 20);
      assertThat(Pools.sha256OfReads(volume)).isEqualTo(kernels.sha256());
      assertThat(pool.mappedBlocks(NEW))
          .isEqualTo(fixture.truth().dump().devices().get(2).mappedBlocks());
    }
    check(source);
    try (ThinPool pool = ThinPool.open(source, options)) {
      assertThat(Pools.sha256OfReads(pool.volume(NEW).withSize(kernels.size())))
          .isEqualTo(kernels.sha256());
    }
  }

  private static PoolOptions options(Fixture fixture, List<TrueDevice> devices) throws IOException {
    Map<Integer, Path> origins = new HashMap<>();
    Path origin = fixture.directory().resolve("origin.img");
    if (Files.exists(origin)) {
      devices.forEach(device -> origins.put(device.id(), origin));
    }
    return new PoolOptions(false, origins);
  }

  private Path copy(Path file, String name) throws Exception {
    Path copy = directory.resolve(name);
    run("cp", "--sparse=always", file.toString(), copy.toString());
    return copy;
  }

  private static void check(PoolSource source) throws Exception {
    try (FileDevice metadata = FileDevice.openReadOnly(source.metadata())) {
      assertThat(PoolCheck.run(metadata, -1, 10, CheckProgress.NONE).shown()).isEmpty();
    }
    if (Files.isExecutable(THIN_CHECK)) {
      run(THIN_CHECK.toString(), source.metadata().toString());
    }
  }

  private static void run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
  }
}
