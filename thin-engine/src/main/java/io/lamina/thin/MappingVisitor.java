package io.lamina.thin;

import java.io.IOException;

/** Takes the mappings of a device one by one, in the order of virtual blocks. */
@FunctionalInterface
public interface MappingVisitor {
  /**
   * One mapping.
   *
   * @param virtualBlockNr block of the volume
   * @param dataBlockNr block of the data device
   * @param time pool time when it was mapped
   * @param nodeShared whether a node that it is reached through has several parents, so that other
   *     devices share the mapping with its node; false where the walk does not ask
   */
  void mapping(long virtualBlockNr, long dataBlockNr, int time, boolean nodeShared)
      throws IOException;
}
