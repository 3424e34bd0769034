package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.BlockDevice;
import io.lamina.images.Fixture;
import io.lamina.images.TrueDevice;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Every thin device reads as the kernel read it. */
class RawDeviceTest {
  /** Docker's devices are of 1 GiB each, and most of one is in the next: a few tell. */
  private static final int DOCKER_STEP = Boolean.getBoolean("lamina.all") ? 1 : 5;

  @ParameterizedTest
  @EnumSource(
      mode = Mode.MATCH_NONE,
      names = "DAMAGED_METADATA|DOCKER19.*|DOCKER.*_(AUFS|OVERLAY2)|AUFS_UNION")
  void readsAsTheKernelReadIt(Fixture fixture) throws IOException {
    List<TrueDevice> devices = fixture.truth().devices();
    int step = fixture == Fixture.DOCKER_DEVICEMAPPER ? DOCKER_STEP : 1;
    try (ThinPool pool = Pools.open(fixture)) {
      for (int i = 0; i < devices.size(); i += step) {
        TrueDevice device = devices.get(i);
        BlockDevice volume = pool.volume(device.id()).withSize(device.size());
        assertThat(Pools.sha256OfData(volume))
            .as("device " + device.id())
            .isEqualTo(device.sha256());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"KERNEL_THIN_REVOKE", "EXTERNAL_ORIGIN"})
  void readsZeroesOrTheOriginWhereNothingIsMapped(Fixture fixture) throws IOException {
    try (ThinPool pool = Pools.open(fixture)) {
      for (TrueDevice device : fixture.truth().devices()) {
        BlockDevice volume = pool.volume(device.id()).withSize(device.size());
        assertThat(Pools.sha256OfReads(volume))
            .as("device " + device.id())
            .isEqualTo(device.sha256());
      }
    }
  }

  /** The kernel hashed only the first GiB of these two; the writer's script tells the rest. */
  @Test
  void readsScatteredBlocksOfAVolumeOf1TiB() throws IOException {
    try (ThinPool pool = Pools.open(Fixture.KERNEL_THIN_SHARED_OVERFLOW)) {
      for (int id : new int[] {1000, 1001}) {
        BlockDevice volume = pool.volume(id).withSize(1L << 40);
        NavigableMap<Long, String> expected = scattered();
        if (id == 1000) {
          expected.headMap(64L << 20).clear();
        }
        for (long at = volume.nextData(0); at < volume.size(); ) {
          long end = volume.nextHole(at);
          for (; at < end; at += 65536) {
            ByteBuffer block = ByteBuffer.allocate(65536);
            volume.read(at, block);
            assertThat(new String(block.array(), StandardCharsets.ISO_8859_1))
                .as(id + " at " + at)
                .isEqualTo(expected.remove(at));
          }
          at = volume.nextData(end);
        }
        assertThat(expected).isEmpty();
      }
    }
  }

  private static NavigableMap<Long, String> scattered() {
    NavigableMap<Long, String> blocks = new TreeMap<>();
    String zeroes = "\0".repeat(65536 - 512);
    for (long i = 0; i < 1500; i++) {
      String text = String.format("scatter %08d ", i).repeat(40).substring(0, 512);
      blocks.put(i * 7919 % 16_000_000 * 65536, text + zeroes);
    }
    return blocks;
  }

  @Test
  void isAsLongAsItsLastMappedBlock() throws IOException {
    try (ThinPool pool = Pools.open(Fixture.KERNEL_THIN_SHARED_OVERFLOW)) {
      // dmsetup status: the highest mapped sector is 1519434495.
      assertThat(pool.volume(1000).size()).isEqualTo(1519434496L * 512);
      assertThat(pool.volume(16777215).size()).isZero();
    }
  }
}
