package io.lamina.persist;

import java.io.IOException;

/** Gives metadata blocks by number. */
public interface BlockReader {
  /**
   * A verified block.
   *
   * @throws io.lamina.ondisk.CorruptException when it lies outside the device, or its checksum,
   *     number or content is wrong
   */
  <T> T read(long blockNr, BlockType<T> type) throws IOException;

  /** How many blocks there are. */
  long blockCount();
}
