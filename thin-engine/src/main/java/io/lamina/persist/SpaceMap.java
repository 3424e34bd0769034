package io.lamina.persist;

import io.lamina.block.OutOfSpaceException;
import java.io.IOException;

/**
 * How often each block of a device is referred to, within a transaction. Not safe for use by many
 * threads: whoever runs the transaction holds its lock.
 */
public interface SpaceMap {
  /** How often a block is referred to, as this transaction has it. */
  long count(long blockNr) throws IOException;

  /**
   * Takes a free block and gives it a count of one.
   *
   * <p>Never returns a block freed since the last commit: until then the previous transaction still
   * needs it.
   *
   * @return its block number
   * @throws OutOfSpaceException when no block is free
   */
  long allocate() throws IOException;

  /** One more refers to a block that is in use. */
  void increment(long blockNr) throws IOException;

  /** One less refers to it; at zero it is free, from the next transaction on. */
  void decrement(long blockNr) throws IOException;

  /** How many blocks this transaction may still take. */
  long freeCount();
}
