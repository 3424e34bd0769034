package io.lamina.ext4.journal;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Goes along the ring of transactions, from the oldest on. Not for use by many threads.
 *
 * <p>A log whose blocks all claim to belong to one transaction would lead round for ever: who walks
 * it asks {@link #hasLapped}.
 */
final class LogCursor {
  private final Log log;
  private final long first;
  private final long ringBlocks;
  private final ByteBuffer block;
  private long position;
  private long passedBlocks;
  private long blockNr;

  LogCursor(Log log) {
    this.log = log;
    JournalSuperblock superblock = log.superblock();
    this.first = superblock.firstBlock();
    this.ringBlocks = superblock.lastBlock() - first;
    this.position = superblock.startBlock();
    this.block = ByteBuffer.allocate(log.blockBytes());
  }

  /** Reads the next block of the log; the one before is overwritten. */
  ByteBuffer next() throws IOException {
    blockNr = nextBlockNr();
    log.read(blockNr, block);
    return block;
  }

  /** Passes over the next block of the log, and says where in the volume it lies. */
  long nextBlockNr() throws IOException {
    long found = log.blockNr(position);
    skip(1);
    return found;
  }

  void skip(long blockCount) {
    passedBlocks += blockCount;
    position = first + (position - first + blockCount) % ringBlocks;
  }

  /** Whether more blocks were passed than there are. */
  boolean hasLapped() {
    return passedBlocks > ringBlocks;
  }

  /** The block that was read last. */
  ByteBuffer block() {
    return block;
  }

  /** Where in the volume that block lies. */
  long blockNr() {
    return blockNr;
  }
}
