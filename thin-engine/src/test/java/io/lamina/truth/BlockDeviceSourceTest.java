package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Fixture;
import io.lamina.images.TrueDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pool on two block devices is the pool that it is in two files. */
class BlockDeviceSourceTest {
  private final List<Path> loops = new ArrayList<>();

  @Test
  void readsAPoolOnLoopDevices() throws Exception {
    Fixture fixture = Fixture.KERNEL_THIN_REVOKE;
    PoolSource source = PoolSource.files(loop(fixture.metadata()), loop(fixture.data()));
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT)) {
      for (TrueDevice device : fixture.truth().devices()) {
        assertThat(Pools.sha256OfData(pool.volume(device.id()).withSize(device.size())))
            .isEqualTo(device.sha256());
      }
    }
  }

  private Path loop(Path file) throws Exception {
    String[] command = {"losetup", "-r", "-f", "--show", file.toString()};
    try {
      Process losetup = new ProcessBuilder(command).start();
      String output =
          new String(losetup.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).trim();
      assumeTrue(losetup.waitFor() == 0, "no loop device can be had here");
      loops.add(Path.of(output));
      return Path.of(output);
    } catch (IOException e) {
      assumeTrue(false, "losetup is not installed");
      throw e;
    }
  }

  @AfterEach
  void detach() throws Exception {
    for (Path loop : loops) {
      new ProcessBuilder("losetup", "-d", loop.toString()).start().waitFor();
    }
  }
}
