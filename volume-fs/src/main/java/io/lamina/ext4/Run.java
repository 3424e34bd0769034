package io.lamina.ext4;

/**
 * Consecutive blocks of a file that are alike: all in consecutive blocks of the volume, or all in
 * none.
 *
 * @param blockNr the volume's block that holds the first of them, {@link #NOWHERE} where none does
 * @param blockCount how many, at least 1
 * @param isWritten whether anything is stored in them: else zeroes are read
 */
record Run(long blockNr, long blockCount, boolean isWritten) {
  /** In place of a block number: no block is taken. */
  static final long NOWHERE = -1;

  /** A run that is stored. */
  Run(long blockNr, long blockCount) {
    this(blockNr, blockCount, true);
  }

  /** A run that takes no blocks, and reads as zeroes. */
  static Run hole(long blockCount) {
    return new Run(NOWHERE, blockCount, false);
  }

  /** A run that has its blocks, but reads as zeroes. */
  static Run unwritten(long blockNr, long blockCount) {
    return new Run(blockNr, blockCount, false);
  }

  /** Whether it reads as zeroes. */
  boolean isHole() {
    return !isWritten;
  }

  /** Whether it has blocks of the volume. */
  boolean isMapped() {
    return blockNr != NOWHERE;
  }

  /** A part of it. */
  Run part(long skipped, long count) {
    return new Run(isMapped() ? blockNr + skipped : NOWHERE, count, isWritten);
  }
}
