package io.lamina.ext4;

/**
 * Where a directory's entry lies.
 *
 * @param blockNr the volume's block, 0 where it lies in the inode
 * @param offset where in the block or in the inode it starts
 * @param inodeNr what it names
 */
record EntryPlace(long blockNr, int offset, long inodeNr) {}
