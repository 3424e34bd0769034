package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A pool and what it should hold: one byte array a volume. After an operation that failed, what it
 * was to change may or may not be there.
 */
final class PoolModel {
  private static final int VOLUME_BLOCKS = 12;
  private static final int MAX_VOLUMES = 8;

  private final Random random;
  private final int blockBytes;
  private final int volumeBytes;
  private final Map<Integer, VolumeModel> volumes = new TreeMap<>();

  /** Volumes that a delete may or may not have taken away for good. */
  private final Map<Integer, VolumeModel> going = new TreeMap<>();

  private final Set<Integer> coming = new TreeSet<>();
  private int nextId = 1;
  private long transactionId;
  private long certainTransactionId;
  private boolean mayGrow;
  private boolean isUnsure;

  PoolModel(Random random, int blockBytes) {
    this.random = random;
    this.blockBytes = blockBytes;
    this.volumeBytes = VOLUME_BLOCKS * blockBytes - 4096;
  }

  /** As many data blocks as all volumes and a metadata snapshot can need, and some on their way. */
  static int enoughBlocks() {
    return 2 * MAX_VOLUMES * VOLUME_BLOCKS + 30;
  }

  /** Growing the data device is one of the steps. */
  PoolModel growing() {
    mayGrow = true;
    return this;
  }

  /** An operation failed: from now on nothing is certain but what was committed before. */
  void becomeUnsure() {
    isUnsure = true;
    volumes.values().forEach(VolumeModel::becomeTorn);
    going.values().forEach(VolumeModel::becomeTorn);
  }

  private void committed() {
    if (isUnsure) {
      return;
    }
    volumes.values().forEach(VolumeModel::committed);
    going.clear();
    coming.clear();
    certainTransactionId = transactionId;
  }

  /** One random operation, on both. */
  void step(WritablePool pool) throws IOException {
    int dice = random.nextInt(100);
    if (volumes.isEmpty() || (dice < 4 && volumes.size() < MAX_VOLUMES)) {
      create(pool);
    } else if (dice < 9 && volumes.size() < MAX_VOLUMES) {
      snapshot(pool);
    } else if (dice < 12 && volumes.size() > 1) {
      delete(pool);
    } else if (dice < 20) {
      discard(pool, anyId());
    } else if (dice < 27) {
      zero(pool, anyId());
    } else if (dice < 31) {
      provision(pool, anyId());
    } else if (dice < 36) {
      open(pool, anyId()).flush();
      committed();
    } else if (dice < 39) {
      stepOfThePool(pool, dice);
    } else if (dice < 55) {
      read(pool, anyId());
    } else {
      write(pool, anyId());
    }
  }

  private void stepOfThePool(WritablePool pool, int dice) throws IOException {
    if (dice == 36) {
      transactionId++;
      pool.setTransactionId(transactionId - 1, transactionId);
    } else if (dice == 37 && mayGrow) {
      pool.growData();
      committed();
    } else if (pool.status().heldRoot().isPresent()) {
      pool.releaseMetadataSnapshot();
      committed();
    } else {
      pool.reserveMetadataSnapshot();
      committed();
    }
  }

  private void create(WritablePool pool) throws IOException {
    int id = nextId++;
    volumes.put(id, new VolumeModel(volumeBytes, blockBytes));
    coming.add(id);
    pool.createThin(id);
  }

  private void snapshot(WritablePool pool) throws IOException {
    int origin = anyId();
    int id = nextId++;
    volumes.put(id, volume(origin).snapshot());
    coming.add(id);
    pool.createSnapshot(id, origin);
  }

  private void delete(WritablePool pool) throws IOException {
    int id = anyId();
    going.put(id, volume(id));
    volumes.remove(id);
    pool.delete(id);
  }

  private VolumeModel volume(int id) {
    return java.util.Objects.requireNonNull(volumes.get(id));
  }

  private int anyId() {
    Integer[] ids = volumes.keySet().toArray(new Integer[0]);
    return ids[random.nextInt(ids.length)];
  }

  private WritableVolume open(WritablePool pool, int id) throws IOException {
    return pool.volume(id).withSize(volumeBytes);
  }

  private int[] range() {
    int length = 1 + random.nextInt(random.nextBoolean() ? 5000 : 5 * blockBytes);
    int offset = random.nextInt(volumeBytes - length);
    int dice = random.nextInt(6);
    if (dice < 2) {
      offset = offset / blockBytes * blockBytes;
    } else if (dice == 2) {
      offset = volumeBytes - length;
    }
    return new int[] {offset, length};
  }

  private void write(WritablePool pool, int id) throws IOException {
    int[] range = range();
    byte[] bytes = new byte[range[1]];
    random.nextBytes(bytes);
    volume(id).write(range[0], bytes);
    open(pool, id).write(range[0], ByteBuffer.wrap(bytes));
  }

  private void zero(WritablePool pool, int id) throws IOException {
    int[] range = range();
    volume(id).zero(range[0], range[1]);
    open(pool, id).zero(range[0], range[1]);
  }

  private void discard(WritablePool pool, int id) throws IOException {
    int[] range = range();
    volume(id).discard(range[0], range[1]);
    open(pool, id).discard(range[0], range[1]);
  }

  private void provision(WritablePool pool, int id) throws IOException {
    int[] range = range();
    volume(id).provision(range[0], range[1]);
    open(pool, id).provision(range[0], range[1]);
  }

  private void read(WritablePool pool, int id) throws IOException {
    int[] range = range();
    byte[] bytes = new byte[range[1]];
    open(pool, id).read(range[0], ByteBuffer.wrap(bytes));
    if (isUnsure) {
      assertThat(volume(id).firstImpossible(range[0], bytes)).as("volume " + id).isEqualTo(-1);
    } else {
      assertThat(bytes)
          .isEqualTo(Arrays.copyOfRange(volume(id).now(), range[0], range[0] + range[1]));
    }
  }

  /** The pool holds exactly this. */
  void verify(ThinPool pool) throws IOException {
    assertThat(pool.volumeIds()).containsExactlyElementsOf(volumes.keySet());
    assertThat(pool.status().transactionId()).isEqualTo(transactionId);
    for (VolumeSummary summary : pool.volumes()) {
      VolumeModel volume = volume(summary.id());
      assertThat(Arrays.mismatch(content(pool, summary.id()), volume.now()))
          .as("volume " + summary.id())
          .isEqualTo(-1);
      assertThat(summary.mappedBlocks()).isEqualTo(volume.mapped().cardinality());
    }
  }

  /** The text of a dump lists these mappings, and no others. */
  void verifyDump(String xml) {
    Map<Integer, java.util.BitSet> expected = new TreeMap<>();
    volumes.forEach((id, volume) -> expected.put(id, volume.mapped()));
    assertThat(DumpedMappings.of(xml)).isEqualTo(expected);
  }

  /** The pool holds what was committed for certain, or what came after. */
  void verifyPossible(ThinPool pool) throws IOException {
    Set<Integer> found = new TreeSet<>(pool.volumeIds());
    Set<Integer> required = new TreeSet<>(volumes.keySet());
    required.removeAll(coming);
    assertThat(found).containsAll(required);
    assertThat(pool.status().transactionId()).isBetween(certainTransactionId, transactionId);
    for (int id : found) {
      VolumeModel volume = volumes.getOrDefault(id, going.get(id));
      assertThat(volume).as("volume " + id + " is known").isNotNull();
      byte[] bytes = content(pool, id);
      assertThat(java.util.Objects.requireNonNull(volume).firstImpossible(0, bytes))
          .as("volume " + id)
          .isEqualTo(-1);
    }
  }

  /** What can be read is possible; errors are not looked at here. */
  void verifyReadable(WritablePool pool) {
    for (Map.Entry<Integer, VolumeModel> entry : volumes.entrySet()) {
      byte[] bytes;
      try {
        bytes = content(pool, entry.getKey());
      } catch (IOException e) {
        continue;
      }
      assertThat(entry.getValue().firstImpossible(0, bytes))
          .as("volume " + entry.getKey())
          .isEqualTo(-1);
    }
  }

  private byte[] content(ThinPool pool, int id) throws IOException {
    byte[] bytes = new byte[volumeBytes];
    pool.volume(id).withSize(volumeBytes).read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }
}
