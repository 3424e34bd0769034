package io.lamina.truth;

import io.lamina.persist.space.StoredSpaceMap;
import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a space map counts. */
final class Counts {
  private Counts() {}

  /** The counts above 0, by block number. */
  static SortedMap<Long, Long> of(StoredSpaceMap map) throws IOException {
    SortedMap<Long, Long> counts = new TreeMap<>();
    for (long blockNr = 0; blockNr < map.root().blockCount(); blockNr++) {
      long count = map.count(blockNr);
      if (count > 0) {
        counts.put(blockNr, count);
      }
    }
    return counts;
  }
}
