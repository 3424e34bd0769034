package io.lamina.thin;

import io.lamina.block.WritableDevice;
import io.lamina.source.PoolSource;
import io.lamina.source.VolumeRecords;
import java.io.IOException;

/** A pool whose devices a test has made. */
public final class PoolOnDevices {
  private PoolOnDevices() {}

  /** With the records of a source. It commits only when it is told to. */
  public static PoolVolumes of(PoolSource source, WritableDevice metadata, WritableDevice data)
      throws IOException {
    WritablePool pool = MemoryPool.open(metadata, data);
    pool.abandon(); // a commit by the clock would come elsewhere each time
    return PoolVolumes.of(pool, () -> VolumeRecords.in(source.records()));
  }
}
