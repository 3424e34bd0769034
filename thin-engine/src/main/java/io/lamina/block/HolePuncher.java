package io.lamina.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What Java itself cannot do with a file: gives ranges of it back to the host, and takes a block
 * device for one process alone. Upper modules bring one that calls the host's {@code fallocate} or
 * {@code BLKDISCARD}, and its {@code open}.
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

  /**
   * Takes a block device ({@code O_EXCL}) from all others that take it so: file systems, device
   * mapper, other processes.
   *
   * @return lets go of it
   * @throws IOException when one of them has it; the message says who, as far as the host tells
   */
  default Closeable claim(Path device) throws IOException {
    return () -> {};
  }
}
