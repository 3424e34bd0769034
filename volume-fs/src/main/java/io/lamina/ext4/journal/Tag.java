package io.lamina.ext4.journal;

/**
 * One entry of a descriptor block: says which block of the volume a block of the log is a copy of.
 *
 * @param blockNr the block of the volume
 * @param escaped whether the copy's first four bytes were zeroed, because they looked like the
 *     log's own magic
 * @param checksum of the copy: 16 bits in version 2, 32 in version 3, else without a meaning
 */
record Tag(long blockNr, boolean escaped, int checksum) {}
