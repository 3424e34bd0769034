package io.lamina.fs;

/**
 * What {@code statfs} tells of a tree.
 *
 * @param blockBytes size of the blocks counted here
 * @param blockCount how many there are
 * @param freeBlockCount how many are free, those kept for root included
 * @param availableBlockCount how many a user may still take
 * @param fileCount how many files there can be
 * @param freeFileCount how many more there can be
 * @param nameMaxBytes longest name
 */
public record TreeSpace(
    int blockBytes,
    long blockCount,
    long freeBlockCount,
    long availableBlockCount,
    long fileCount,
    long freeFileCount,
    int nameMaxBytes) {}
