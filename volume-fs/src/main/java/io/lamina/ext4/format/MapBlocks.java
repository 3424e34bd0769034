package io.lamina.ext4.format;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where an editor of a file's block map gets the map's own blocks from. Whoever implements it also
 * counts them among the file's blocks, and gives changed ones their checksums once the editor has
 * returned.
 */
public interface MapBlocks {
  /**
   * The newest image of a block, verified, not to be changed.
   *
   * @param depth levels below it
   */
  ByteBuffer read(long blockNr, int depth) throws IOException;

  /** The same, to be changed. */
  ByteBuffer modify(long blockNr) throws IOException;

  /**
   * Takes a free block; its content is {@link #fresh}.
   *
   * @throws IOException when there is none: the editor then has changed nothing that matters
   */
  long allocate() throws IOException;

  /** The image of a block just taken, all zero, to be changed. */
  ByteBuffer fresh(long blockNr) throws IOException;

  /** Gives a block back. */
  void free(long blockNr) throws IOException;
}
