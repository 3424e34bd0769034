package io.lamina.ext4;

/**
 * Consecutive blocks of a file that are alike: all in consecutive blocks of the volume, or all
 * without content.
 *
 * @param blockNr the volume's block that holds the first of them, {@link #HOLE} where they read as
 *     zeroes
 * @param blockCount how many, at least 1
 */
record Run(long blockNr, long blockCount) {
  /** In place of a block number: nothing is stored, zeroes are read. */
  static final long HOLE = -1;

  /** A run that reads as zeroes. */
  static Run hole(long blockCount) {
    return new Run(HOLE, blockCount);
  }

  boolean isHole() {
    return blockNr == HOLE;
  }
}
