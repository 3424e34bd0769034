package io.lamina.fs.virtual;

import io.lamina.fs.Timestamp;

/**
 * Whose virtual files are, and since when.
 *
 * @param userId owner, unsigned 32 bits
 * @param groupId group, unsigned 32 bits
 * @param since all three times of each file
 */
public record VirtualOwner(long userId, long groupId, Timestamp since) {
  /** Root's, since 1970. */
  public static final VirtualOwner ROOT = new VirtualOwner(0, 0, Timestamp.EPOCH);
}
