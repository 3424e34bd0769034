package io.lamina.block;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Gives ranges of a file back to the host: what Java itself cannot do. Upper modules bring one that
 * calls the host's {@code fallocate} or {@code BLKDISCARD}.
 *
 * <p>Safe for use by many threads.
 */
@FunctionalInterface
public interface HolePuncher {
  /** Does nothing: space is kept. */
  HolePuncher NONE = (path, offset, length) -> false;

  /**
   * Makes a range of a file a hole, which reads as zeroes.
   *
   * @return whether it did; false where the host cannot
   */
  boolean punch(Path path, long offset, long length) throws IOException;
}
