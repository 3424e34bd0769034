package io.lamina.thin.compare;

import java.io.IOException;

/** Takes ranges in the order of virtual blocks. */
@FunctionalInterface
public interface DifferenceVisitor {
  /**
   * One range, whose data blocks follow each other on both sides.
   *
   * @param leftData first data block of the first device, where it has one
   * @param rightData first data block of the second, where it has one
   */
  void range(Difference kind, long begin, long leftData, long rightData, long length)
      throws IOException;
}
