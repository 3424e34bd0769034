package io.lamina.thin;

import java.io.IOException;

/** Where the blocks of one volume live. Safe for use by many threads. */
interface Mappings {
  /**
   * The run that starts at a virtual block.
   *
   * @param maxBlocks how far to look, at least 1
   */
  default MappedRun run(long virtualBlockNr, long maxBlocks) throws IOException {
    return run(virtualBlockNr, maxBlocks, 0);
  }

  /**
   * The same, of blocks that are all shared or all not.
   *
   * @param snapshottedTime mappings older than this are shared
   */
  MappedRun run(long virtualBlockNr, long maxBlocks, int snapshottedTime) throws IOException;

  /** The lowest mapped block at or above a virtual block; -1 where there is none. */
  long nextMapped(long virtualBlockNr) throws IOException;

  /** The highest mapped block; -1 where there is none. */
  long lastMapped() throws IOException;
}
