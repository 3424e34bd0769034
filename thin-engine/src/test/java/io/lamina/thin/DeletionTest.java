package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.MemoryDevice;
import io.lamina.persist.space.BlockRun;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A volume of many mappings is gone at once, and its blocks bit by bit. */
class DeletionTest {
  private static final int BLOCK_BYTES = 65536;
  private static final int DATA_BLOCKS = 9000;
  private static final int MAPPED = 4000;

  private final byte[] metadata = MemoryPool.format(2048, BLOCK_BYTES, DATA_BLOCKS);
  private final NoDataDevice data = new NoDataDevice((long) DATA_BLOCKS * BLOCK_BYTES);
  private final LiveMetadata live =
      LiveMetadata.open("pool", new MemoryDevice(metadata, "metadata"), data);

  DeletionTest() throws IOException {
    live.change(now -> now.createThin(1));
    live.change(now -> map(now, 1, 0, MAPPED));
    live.change(now -> now.createSnapshot(2, 1));
    live.change(now -> map(now, 1, MAPPED / 2, MAPPED / 2));
    live.commit();
  }

  private static void map(PoolTransaction now, int id, int first, int count) throws IOException {
    int done = 0;
    while (done < count) {
      BlockRun run = now.dataCounts().reserve(count - done);
      now.map(id, first + done, run);
      done += (int) run.count();
    }
  }

  /** The metadata as a crash would leave them. */
  private byte[] committed() throws IOException {
    live.commit();
    MemoryPool.check(metadata, data.size());
    return metadata.clone();
  }

  @Test
  void aCrashOnTheWayLeavesASoundPoolWithoutTheVolume() throws Exception {
    int[] goingBy = new int[1];
    live.change(now -> goingBy[0] = now.beginDelete(1));
    assertThat(goingBy[0]).isEqualTo(PoolMetadata.MAX_DEVICE_ID);
    boolean[] isGone = new boolean[1];
    for (int steps = 0; !isGone[0]; steps++) {
      byte[] found = committed();
      try (ThinPool pool =
          MemoryPool.openToRead(new MemoryDevice(found, "m"), new NoDataDevice(data.size()))) {
        assertThat(pool.volumeIds()).containsExactly(2);
      }
      try (WritablePool pool =
          MemoryPool.open(new MemoryDevice(found, "m"), new NoDataDevice(data.size()))) {
        assertThat(pool.volumeIds()).containsExactly(2);
        assertThat(pool.status().usedDataBlocks()).isEqualTo(MAPPED);
      }
      MemoryPool.check(found, data.size());
      live.change(now -> isGone[0] = now.deleteSome(goingBy[0], 300));
      assertThat(steps).isLessThan(50);
    }
    committed();
    assertThat(live.transaction().dataCounts().allocatedCount()).isEqualTo(MAPPED);
  }

  @Test
  void aDeviceThatIsGoingCannotBeOpened() throws Exception {
    live.change(now -> now.beginDelete(1));
    live.commit();
    try (ThinPool pool = MemoryPool.openToRead(new MemoryDevice(metadata, "m"), data)) {
      assertThat(pool.find("" + PoolMetadata.MAX_DEVICE_ID)).isEmpty();
      assertThatThrownBy(() -> pool.volume(PoolMetadata.MAX_DEVICE_ID))
          .hasMessageContaining("no thin device");
    }
  }

  @Test
  void aMetadataSnapshotKeepsWhatIsDeleted() throws Exception {
    live.change(PoolTransaction::reserveMetadataSnapshot);
    int[] goingBy = new int[1];
    live.change(now -> goingBy[0] = now.beginDelete(1));
    if (goingBy[0] != Deletion.DONE) {
      boolean[] isGone = new boolean[1];
      while (!isGone[0]) {
        live.change(now -> isGone[0] = now.deleteSome(goingBy[0], 300));
      }
    }
    committed();
    live.change(PoolTransaction::releaseMetadataSnapshot);
    committed();
    assertThat(live.transaction().dataCounts().allocatedCount()).isEqualTo(MAPPED);
  }

  /** The tree of a volume without a snapshot goes leaf by leaf, and its devices with it. */
  @Test
  void allGoesWithTheLastVolume() throws Exception {
    try (WritablePool pool = MemoryPool.open(new MemoryDevice(metadata, "m"), data)) {
      pool.delete(1);
      pool.delete(2);
      pool.commit();
      assertThat(pool.status().usedDataBlocks()).isZero();
      assertThat(pool.volumeIds()).isEmpty();
    }
    MemoryPool.check(metadata, data.size());
  }
}
