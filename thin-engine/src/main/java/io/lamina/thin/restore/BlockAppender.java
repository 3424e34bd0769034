package io.lamina.thin.restore;

import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Writes metadata blocks one behind the other, from block 1 on, many at a time. */
final class BlockAppender {
  private static final int BATCH = 64;

  private final FileChannel channel;
  private final String name;
  private final long maxBlocks;
  private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH * BlockManager.BLOCK_BYTES);
  private long next = 1;

  /**
   * Writes to a file.
   *
   * @param name what to call it in a message
   * @param maxBlocks how many blocks it may have, block 0 included
   */
  BlockAppender(FileChannel channel, String name, long maxBlocks) {
    this.channel = channel;
    this.name = name;
    this.maxBlocks = maxBlocks;
  }

  /** The number of the next block. */
  long next() {
    return next;
  }

  /**
   * Writes a block, whose number and checksum are filled in.
   *
   * @return its number
   */
  long append(ByteBuffer block, BlockType<?> type) throws IOException {
    if (next >= maxBlocks) {
      throw new IOException(
          name + ": too small: more than " + maxBlocks + " blocks of 4096 bytes are needed");
    }
    BlockHeader.seal(next, block, type);
    batch.put(block.duplicate().clear());
    next++;
    if (!batch.hasRemaining()) {
      flush();
    }
    return next - 1;
  }

  /** Writes out what is gathered. */
  void flush() throws IOException {
    batch.flip();
    long position = next * BlockManager.BLOCK_BYTES - batch.limit();
    write(position, batch);
    batch.clear();
  }

  private void write(long start, ByteBuffer bytes) throws IOException {
    long position = start;
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  /** Writes the superblock, when all else is on the disk, and waits until it is there too. */
  void finish(ByteBuffer superblock) throws IOException {
    flush();
    channel.force(false);
    write(0, superblock.duplicate().clear());
    channel.force(true);
  }
}
