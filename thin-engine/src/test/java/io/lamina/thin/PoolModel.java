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

/** A pool and what it should hold: one byte array a volume. */
final class PoolModel {
  static final int BLOCK_BYTES = 65536;
  private static final int VOLUME_BLOCKS = 24;
  private static final int VOLUME_BYTES = VOLUME_BLOCKS * BLOCK_BYTES - 4096;
  private static final int MAX_VOLUMES = 8;

  private final Random random;
  private final Map<Integer, byte[]> volumes = new TreeMap<>();
  private final Set<Integer> touched = new TreeSet<>();
  private Map<Integer, byte[]> committed = new TreeMap<>();

  PoolModel(Random random) {
    this.random = random;
  }

  /** What was there at the last commit asked for, and was not touched since. */
  Map<Integer, byte[]> certain() {
    Map<Integer, byte[]> certain = new TreeMap<>(committed);
    certain.keySet().removeAll(touched);
    return certain;
  }

  private void committed() {
    touched.clear();
    committed = new TreeMap<>();
    volumes.forEach((id, bytes) -> committed.put(id, bytes.clone()));
  }

  private int touch(int id) {
    touched.add(id);
    return id;
  }

  /** One random operation, on both; out of space it changes neither. */
  void step(WritablePool pool) throws IOException {
    int dice = random.nextInt(100);
    if (volumes.isEmpty() || (dice < 4 && volumes.size() < MAX_VOLUMES)) {
      int id = freeId();
      pool.createThin(id);
      volumes.put(id, new byte[VOLUME_BYTES]);
    } else if (dice < 9 && volumes.size() < MAX_VOLUMES) {
      int origin = anyId();
      int id = freeId();
      pool.createSnapshot(id, origin);
      volumes.put(id, volumes.get(origin).clone());
    } else if (dice < 12 && volumes.size() > 1) {
      int id = touch(anyId());
      pool.delete(id);
      volumes.remove(id);
    } else if (dice < 22) {
      discard(pool, touch(anyId()));
    } else if (dice < 30) {
      zero(pool, touch(anyId()));
    } else if (dice < 36) {
      pool.commit();
      committed();
    } else if (dice < 38) {
      heldRoot(pool);
    } else if (dice < 55) {
      read(pool, anyId());
    } else {
      write(pool, touch(anyId()));
    }
  }

  private void heldRoot(WritablePool pool) throws IOException {
    if (pool.status().heldRoot().isPresent()) {
      pool.releaseMetadataSnapshot();
    } else {
      pool.reserveMetadataSnapshot();
    }
  }

  private int anyId() {
    Integer[] ids = volumes.keySet().toArray(new Integer[0]);
    return ids[random.nextInt(ids.length)];
  }

  private int freeId() {
    int id = random.nextInt(1000);
    while (volumes.containsKey(id)) {
      id++;
    }
    return id;
  }

  private static WritableVolume open(WritablePool pool, int id) throws IOException {
    return pool.volume(id).withSize(VOLUME_BYTES);
  }

  private int[] range() {
    int length = 1 + random.nextInt(random.nextBoolean() ? 5000 : 5 * BLOCK_BYTES);
    int offset = random.nextInt(VOLUME_BYTES - length);
    if (random.nextInt(3) == 0) {
      offset = offset / BLOCK_BYTES * BLOCK_BYTES;
    }
    return new int[] {offset, length};
  }

  private void write(WritablePool pool, int id) throws IOException {
    int[] range = range();
    byte[] bytes = new byte[range[1]];
    random.nextBytes(bytes);
    open(pool, id).write(range[0], ByteBuffer.wrap(bytes));
    System.arraycopy(bytes, 0, volumes.get(id), range[0], range[1]);
  }

  private void zero(WritablePool pool, int id) throws IOException {
    int[] range = range();
    open(pool, id).zero(range[0], range[1]);
    Arrays.fill(volumes.get(id), range[0], range[0] + range[1], (byte) 0);
  }

  private void discard(WritablePool pool, int id) throws IOException {
    int[] range = range();
    open(pool, id).discard(range[0], range[1]);
    int first = (range[0] + BLOCK_BYTES - 1) / BLOCK_BYTES;
    int last = (range[0] + range[1]) / BLOCK_BYTES;
    if (first < last) {
      Arrays.fill(
          volumes.get(id),
          first * BLOCK_BYTES,
          Math.min(VOLUME_BYTES, last * BLOCK_BYTES),
          (byte) 0);
    }
  }

  private void read(WritablePool pool, int id) throws IOException {
    int[] range = range();
    ByteBuffer bytes = ByteBuffer.allocateDirect(range[1]);
    open(pool, id).read(range[0], bytes);
    assertThat(bytes.flip()).isEqualTo(ByteBuffer.wrap(volumes.get(id), range[0], range[1]));
  }

  void verify(ThinPool pool) throws IOException {
    verify(pool, volumes);
  }

  /** What is certain is there, whatever else is. */
  static void verifyAtLeast(ThinPool pool, Map<Integer, byte[]> certain) throws IOException {
    for (Map.Entry<Integer, byte[]> entry : certain.entrySet()) {
      assertThat(pool.volumeIds()).contains(entry.getKey());
      assertThat(Arrays.equals(content(pool, entry.getKey()), entry.getValue()))
          .as("volume " + entry.getKey())
          .isTrue();
    }
  }

  private static byte[] content(ThinPool pool, int id) throws IOException {
    byte[] bytes = new byte[VOLUME_BYTES];
    pool.volume(id).withSize(VOLUME_BYTES).read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static void verify(ThinPool pool, Map<Integer, byte[]> expected) throws IOException {
    assertThat(pool.volumeIds()).containsExactlyElementsOf(expected.keySet());
    for (Map.Entry<Integer, byte[]> entry : expected.entrySet()) {
      assertThat(Arrays.mismatch(content(pool, entry.getKey()), entry.getValue()))
          .as("volume " + entry.getKey())
          .isEqualTo(-1);
    }
  }
}
