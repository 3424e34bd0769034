package io.lamina.ext4.journal;

/**
 * Where the copy of a block lies, in one number: never 0, since block 0 of a volume is not part of
 * its log.
 */
record Copy(long bits) {
  static Copy of(long blockNr, boolean escaped) {
    return new Copy(blockNr << 1 | (escaped ? 1 : 0));
  }

  /** The block of the volume that the copy fills. */
  long blockNr() {
    return bits >>> 1;
  }

  /** Whether its first four bytes must be put right. */
  boolean escaped() {
    return (bits & 1) != 0;
  }
}
