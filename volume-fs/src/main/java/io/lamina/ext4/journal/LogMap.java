package io.lamina.ext4.journal;

import java.io.IOException;

/** Where the blocks of the log lie: the journal inode's logical blocks, as blocks of the volume. */
public interface LogMap {
  /** How many blocks the log's file has: its size over the block size. */
  long blockCount();

  /**
   * The block of the volume that holds one block of the log.
   *
   * @param logBlock 0 for the journal's superblock, less than {@link #blockCount}
   * @return 0 where the file has a hole
   * @throws IOException when the file's own map is damaged or cannot be read
   */
  long blockNr(long logBlock) throws IOException;
}
