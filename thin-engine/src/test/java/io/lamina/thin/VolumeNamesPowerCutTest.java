package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.MemoryDevice;
import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power is cut at each flush of the pool while volumes come, go and get other names, with the
 * records as they are between any two steps.
 */
class VolumeNamesPowerCutTest {
  private static final int BLOCK_BYTES = 65536;
  private static final int DATA_BLOCKS = 40;
  private static final long SIZE = 4L * BLOCK_BYTES;

  /** Which volumes there are before the first operation and after each; and the mark in each. */
  private static final List<Map<String, Integer>> EXPECTED =
      List.of(
          Map.of(),
          Map.of("a", 1),
          Map.of("a", 1, "b", 2),
          Map.of("a", 1, "b", 2, "c", 1),
          Map.of("a", 1, "d", 2, "c", 1),
          Map.of("d", 2, "c", 1),
          Map.of("d", 2, "c", 1, "a", 2),
          Map.of("c", 1, "a", 2),
          Map.of("c", 1, "a", 2, "b", 3));

  @TempDir Path temp;

  /** One change of names. */
  private interface Operation {
    void on(PoolVolumes volumes) throws IOException;
  }

  private static final List<Operation> OPERATIONS =
      List.of(
          volumes -> volumes.create("a", SIZE, mark(1)),
          volumes -> volumes.create("b", SIZE, mark(2)),
          volumes -> volumes.snapshot("a", "c"),
          volumes -> volumes.rename("b", "d"),
          volumes -> volumes.remove("a"),
          volumes -> volumes.snapshot("d", "a"),
          volumes -> volumes.remove("d"),
          volumes -> volumes.create("b", SIZE, mark(3)));

  /**
   * The files of the records at some moment.
   *
   * @param operations how many operations were done by then
   * @param flushes how many flushes of the pool
   */
  private record Moment(int operations, int flushes, Map<String, byte[]> files) {}

  private static PoolVolumes.Content mark(int value) {
    return (volume, size) -> {
      volume.write(100, ByteBuffer.wrap(new byte[] {(byte) value}));
      return size;
    };
  }

  @Test
  void aVolumeIsThereWithItsRecordAndItsDeviceOrNotAtAll() throws Exception {
    byte[] metadata = MemoryPool.format(256, BLOCK_BYTES, DATA_BLOCKS);
    List<Moment> moments = new ArrayList<>();
    boolean isCut = true;
    for (int flushes = 0; isCut; flushes++) {
      Random random = new Random(flushes);
      CrashingDevice.Power power = new CrashingDevice.Power(flushes);
      CrashingDevice metadataDevice = new CrashingDevice(metadata, 512, power, "metadata");
      CrashingDevice dataDevice =
          new CrashingDevice(new byte[DATA_BLOCKS * BLOCK_BYTES], 512, power, "data");
      play(metadataDevice, dataDevice, power, moments);
      isCut = power.isCut();
      byte[] foundMetadata = metadataDevice.afterCut(random);
      byte[] foundData = dataDevice.afterCut(random);
      int stable = power.flushesDone() - (isCut ? 1 : 0);
      moments.removeIf(moment -> moment.flushes() < stable);
      for (Moment moment : moments) {
        mends(moment, foundMetadata.clone(), foundData.clone());
      }
    }
  }

  private void play(
      CrashingDevice metadata,
      CrashingDevice data,
      CrashingDevice.Power power,
      List<Moment> moments)
      throws IOException {
    Path directory = Files.createDirectory(temp.resolve("pool"));
    int[] done = {0};
    power.onCut(() -> moments.add(moment(directory, done[0], power)));
    try {
      WritablePool pool = MemoryPool.open(metadata, data);
      pool.abandon(); // a commit by the clock would come elsewhere each time
      PoolVolumes volumes = PoolVolumes.of(pool, () -> VolumeRecords.of(directory));
      for (Operation operation : OPERATIONS) {
        moments.add(moment(directory, done[0], power));
        operation.on(volumes);
        done[0]++;
      }
      moments.add(moment(directory, done[0], power));
    } catch (IOException e) {
      assertThat(e).hasMessageMatching(".*(power cut|read only).*");
    }
    remove(directory);
  }

  @Test
  void anErrorOfOneRequestLeavesAVolumeWholeOrNotThere() throws Exception {
    byte[] format = MemoryPool.format(256, BLOCK_BYTES, DATA_BLOCKS);
    Random steps = new Random(1);
    long count = 1;
    for (int request = 0; request < count; request += 1 + steps.nextInt(4)) {
      ErrorDevice.Faults faults = new ErrorDevice.Faults(request, request, new Random(request));
      byte[] metadata = format.clone();
      byte[] data = new byte[DATA_BLOCKS * BLOCK_BYTES];
      Path directory = Files.createDirectory(temp.resolve("pool"));
      int done = playUntilAnError(metadata, data, faults, directory);
      Moment left = new Moment(done, 0, files(directory));
      remove(directory);
      mends(left, metadata, data);
      count = faults.count();
    }
  }

  /** How many operations were done. */
  private static int playUntilAnError(
      byte[] metadata, byte[] data, ErrorDevice.Faults faults, Path directory) {
    int done = 0;
    try {
      WritablePool pool =
          MemoryPool.open(
              new ErrorDevice(metadata, faults, "metadata"), new ErrorDevice(data, faults, "data"));
      pool.abandon();
      PoolVolumes volumes = PoolVolumes.of(pool, () -> VolumeRecords.of(directory));
      for (Operation operation : OPERATIONS) {
        operation.on(volumes);
        done++;
      }
    } catch (IOException e) {
      assertThat(e).hasMessageMatching(".*(Input/output error|read only).*");
    }
    return done;
  }

  private static Moment moment(Path pool, int operations, CrashingDevice.Power power) {
    return new Moment(operations, power.flushesDone(), files(pool));
  }

  private static Map<String, byte[]> files(Path pool) {
    Map<String, byte[]> files = new TreeMap<>();
    Path directory = pool.resolve("volumes");
    if (Files.exists(directory)) {
      try (DirectoryStream<Path> records = Files.newDirectoryStream(directory)) {
        for (Path file : records) {
          files.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  /** Opens what was found, goes on with it, and opens that again. */
  private void mends(Moment moment, byte[] metadata, byte[] data) throws Exception {
    Path directory = Files.createDirectory(temp.resolve("found"));
    Path records = Files.createDirectory(directory.resolve("volumes"));
    for (Map.Entry<String, byte[]> file : moment.files().entrySet()) {
      Files.write(records.resolve(file.getKey()), file.getValue());
    }
    Files.writeString(records.resolve(".a.json.tmp"), "{\"device"); // one that was being written
    Map<String, Integer> found;
    try (PoolVolumes volumes = open(directory, metadata, data)) {
      found = marks(volumes);
      int next = Math.min(moment.operations() + 1, OPERATIONS.size());
      assertThat(found).isIn(EXPECTED.get(moment.operations()), EXPECTED.get(next));
      volumes.create("new", SIZE, mark(9));
    }
    found.put("new", 9);
    try (PoolVolumes volumes = open(directory, metadata, data)) {
      assertThat(marks(volumes)).isEqualTo(found);
    }
    MemoryPool.check(metadata, data.length);
    ThinTools.check(Files.write(directory.resolve("metadata"), metadata));
    remove(directory);
  }

  private static PoolVolumes open(Path directory, byte[] metadata, byte[] data) throws IOException {
    return PoolVolumes.of(
        MemoryPool.open(new MemoryDevice(metadata, "metadata"), new MemoryDevice(data, "data")),
        () -> VolumeRecords.of(directory));
  }

  /** What lies in each volume, by name. Records and devices must be those of each other. */
  private static Map<String, Integer> marks(PoolVolumes volumes) throws IOException {
    Map<String, Integer> marks = new TreeMap<>();
    TreeSet<Integer> devices = new TreeSet<>();
    for (VolumeRecord volume : volumes.recorded()) {
      assertThat(volume.deleted()).as(volume.name()).isFalse();
      assertThat(volume.transactionId())
          .as(volume.name())
          .isLessThanOrEqualTo(volumes.pool().status().transactionId());
      devices.add(volume.deviceId());
      ByteBuffer found = ByteBuffer.allocate(1);
      volumes.volume(volume.name()).read(100, found);
      marks.put(volume.name(), (int) found.get(0));
    }
    assertThat(volumes.pool().volumeIds()).containsExactlyElementsOf(devices);
    return marks;
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
