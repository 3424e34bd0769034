package io.lamina.thin;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import java.io.IOException;
import java.nio.file.Path;

/** Who writes to a pool's metadata has them alone. */
public final class MetadataLock {
  private MetadataLock() {}

  /**
   * Opens metadata for writing, for this process alone, until the device is closed.
   *
   * @throws IOException that says who has them, when somebody else or the kernel has
   */
  public static FileDevice open(Path metadata, HolePuncher puncher) throws IOException {
    KernelUse.refuse(metadata);
    FileDevice device = FileDevice.openWritable(metadata, puncher);
    try {
      device.lock();
      return device;
    } catch (IOException e) {
      device.close();
      throw e;
    }
  }
}
