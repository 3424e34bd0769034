package io.lamina.thin;

/**
 * Neighbouring virtual blocks that lie in neighbouring data blocks, or are all unmapped.
 *
 * @param dataBlockNr data block of the first, or {@link #UNMAPPED}
 * @param blockCount how many, at least 1
 * @param isShared whether a snapshot may hold the data blocks too
 */
record MappedRun(long dataBlockNr, long blockCount, boolean isShared) {
  static final long UNMAPPED = -1;

  boolean isMapped() {
    return dataBlockNr != UNMAPPED;
  }
}
