package io.lamina.thin;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;

/**
 * What one of many threads does: whatever takes a lock in a pool, until some moment. Its results
 * are for who has seen the thread end.
 */
final class LockStress implements Runnable {
  private static final int VOLUME_BLOCKS = 20;

  private final WritablePool pool;
  private final int volumeCount;
  private final int mine;
  private final long end;
  private final Random random;
  private boolean hasSnapshot;
  private long steps;
  private Optional<Throwable> failure = Optional.empty();

  /**
   * On volumes that all threads share, and a snapshot of its own.
   *
   * @param volumeCount of the shared ones, from 0 on
   * @param mine the id of the snapshot
   * @param end when to stop, by {@link System#nanoTime}
   */
  LockStress(WritablePool pool, int volumeCount, int mine, long end) {
    this.pool = pool;
    this.volumeCount = volumeCount;
    this.mine = mine;
    this.end = end;
    this.random = new Random(mine);
  }

  Optional<Throwable> failure() {
    return failure;
  }

  long stepCount() {
    return steps;
  }

  @Override
  public void run() {
    try {
      while (System.nanoTime() - end < 0) {
        step();
        steps++;
      }
    } catch (IOException | RuntimeException e) {
      failure = Optional.of(e);
    }
  }

  private void step() throws IOException {
    int id = hasSnapshot && random.nextBoolean() ? mine : random.nextInt(volumeCount);
    int blockBytes = pool.dataBlockBytes();
    WritableVolume volume = pool.volume(id).withSize((long) VOLUME_BLOCKS * blockBytes);
    int length = 1 + random.nextInt(3 * blockBytes);
    long offset = random.nextInt(VOLUME_BLOCKS * blockBytes - length);
    switch (random.nextInt(16)) {
      case 0 -> volume.discard(offset, length);
      case 1 -> volume.zero(offset, length);
      case 2 -> volume.provision(offset, length);
      case 3 -> volume.flush();
      case 4 -> pool.commit();
      case 5, 6 -> comeOrGo();
      case 7 -> look(volume);
      case 8, 9, 10 -> volume.read(offset, ByteBuffer.allocate(length));
      default -> volume.write(offset, ByteBuffer.allocate(length));
    }
  }

  private void comeOrGo() throws IOException {
    if (hasSnapshot) {
      pool.delete(mine);
    } else {
      pool.createSnapshot(mine, random.nextInt(volumeCount));
    }
    hasSnapshot = !hasSnapshot;
  }

  /** What only looks takes locks, too. */
  private void look(WritableVolume volume) throws IOException {
    long used = pool.status().usedDataBlocks();
    long mapped = pool.mappedBlocks(volume.id());
    long hole = volume.nextHole(volume.nextData(0));
    if (used < 0 || mapped > VOLUME_BLOCKS || hole > volume.size()) {
      throw new IllegalStateException(used + " used, " + mapped + " mapped, hole at " + hole);
    }
  }
}
