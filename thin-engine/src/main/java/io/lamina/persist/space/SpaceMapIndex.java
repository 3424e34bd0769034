package io.lamina.persist.space;

import java.io.IOException;

/** Finds the bitmaps of a space map. */
interface SpaceMapIndex {
  /** What is known of one bitmap. */
  IndexEntry entry(long index) throws IOException;
}
