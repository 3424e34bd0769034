package io.lamina.thin;

import java.util.OptionalLong;

/**
 * A pool in numbers.
 *
 * @param transactionId the number that belongs to whoever manages the pool
 * @param usedMetadataBlocks of 4 KiB
 * @param metadataBlockCount of 4 KiB, in all
 * @param usedDataBlocks data blocks that at least one device maps
 * @param dataBlockCount in all
 * @param dataBlockBytes size of a data block
 * @param heldRoot block of the metadata snapshot's superblock, where there is one
 * @param mode whether it can be written to
 * @param needsCheck whether its metadata were found unsound and await a check
 * @param time snapshots taken so far
 */
public record PoolStatus(
    long transactionId,
    long usedMetadataBlocks,
    long metadataBlockCount,
    long usedDataBlocks,
    long dataBlockCount,
    int dataBlockBytes,
    OptionalLong heldRoot,
    PoolMode mode,
    boolean needsCheck,
    int time) {}
