package io.lamina.persist.space;

import java.io.IOException;

/** The index of a space map, while a transaction changes it. */
interface WritableIndex {
  IndexEntry get(long bitmap) throws IOException;

  void put(long bitmap, IndexEntry entry) throws IOException;

  /** Where it lies now. */
  long root();
}
