package io.lamina.thin.dump;

import io.lamina.thin.DeviceDetails;
import java.io.IOException;

/**
 * Takes a pool's metadata piece by piece: the pool, then each device in the order of ids, and
 * behind each its mappings in the order of virtual blocks.
 */
public interface MetadataVisitor {
  /** What stands before all devices. */
  void pool(PoolFacts facts) throws IOException;

  /** A device begins. */
  void device(long id, DeviceDetails details) throws IOException;

  /**
   * One mapping of the device that began last.
   *
   * @param time pool time when it was mapped
   */
  void mapping(long virtualBlockNr, long dataBlockNr, int time) throws IOException;

  /** The device that began last has no more mappings. */
  void endDevice() throws IOException;

  /** There are no more devices. */
  void endPool() throws IOException;
}
