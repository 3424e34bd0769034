package io.lamina.thin;

import java.io.IOException;

/** Takes the devices of a pool one by one. */
@FunctionalInterface
public interface DeviceVisitor {
  /**
   * One device.
   *
   * @param id its number
   * @param root root of its mapping tree
   */
  void device(int id, long root) throws IOException;
}
