package io.lamina.thin.dump;

import io.lamina.thin.Superblock;

/**
 * What the metadata say of the pool as a whole.
 *
 * @param time counts the snapshots taken
 * @param transactionId a number that belongs to whoever manages the pool
 * @param flags bit 0: needs_check
 * @param dataBlockSectors size of a data block, in units of 512 bytes
 * @param dataBlockCount how many data blocks there are
 */
public record PoolFacts(
    int time, long transactionId, int flags, int dataBlockSectors, long dataBlockCount) {
  /** As a superblock, or the copy of a metadata snapshot, has them. */
  public static PoolFacts of(Superblock superblock) {
    return new PoolFacts(
        superblock.time(),
        superblock.transactionId(),
        superblock.flags(),
        superblock.dataBlockSectors(),
        superblock.dataSpaceMap().blockCount());
  }
}
