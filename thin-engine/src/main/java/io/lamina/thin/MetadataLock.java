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
    return locked(FileDevice.openWritable(metadata, puncher), FileDevice::lock);
  }

  /**
   * Opens metadata for reading, while nobody writes to them, until the device is closed.
   *
   * @throws IOException as {@link #open}
   */
  public static FileDevice openReadOnly(Path metadata) throws IOException {
    KernelUse.refuse(metadata);
    return locked(FileDevice.openReadOnly(metadata), FileDevice::lockForReading);
  }

  private interface Locking {
    void lock(FileDevice device) throws IOException;
  }

  private static FileDevice locked(FileDevice device, Locking locking) throws IOException {
    try {
      locking.lock(device);
      return device;
    } catch (IOException e) {
      device.close();
      throw e;
    }
  }
}
