package io.lamina.ext4.journal;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The blocks of the log, by their number in the log. */
final class Log {
  private final BlockDevice device;
  private final int blockBytes;
  private final LogMap map;
  private final JournalSuperblock superblock;

  private Log(BlockDevice device, int blockBytes, LogMap map, JournalSuperblock superblock) {
    this.device = device;
    this.blockBytes = blockBytes;
    this.map = map;
    this.superblock = superblock;
  }

  static Log open(BlockDevice device, int blockBytes, LogMap map) throws IOException {
    if (map.blockCount() < 1) {
      throw new CorruptException(
          Damage.ofNumbers("journal inode", 0, "size in blocks", 1, map.blockCount()));
    }
    long blockNr = inVolume(device, blockBytes, map.blockNr(0), 0);
    ByteBuffer block = ByteBuffer.allocate(JournalSuperblock.BYTES);
    device.read(blockNr * blockBytes, block);
    return new Log(device, blockBytes, map, superblock(block, blockNr, blockBytes, map));
  }

  private static JournalSuperblock superblock(
      ByteBuffer block, long blockNr, int blockBytes, LogMap map) throws IOException {
    return JournalSuperblock.read(block, blockNr, blockBytes, map.blockCount());
  }

  /** The same log, once its block 0 is what these bytes say. */
  Log with(ByteBuffer block) throws IOException {
    return new Log(device, blockBytes, map, superblock(block, blockNr(0), blockBytes, map));
  }

  JournalSuperblock superblock() {
    return superblock;
  }

  int blockBytes() {
    return blockBytes;
  }

  /** How many whole blocks the volume has. */
  long volumeBlockCount() {
    return device.size() / blockBytes;
  }

  /**
   * The volume's block that holds a block of the log.
   *
   * @throws CorruptException when it is none of the volume's
   */
  long blockNr(long logBlock) throws IOException {
    return inVolume(device, blockBytes, map.blockNr(logBlock), logBlock);
  }

  /** Fills a buffer, from its start, with a block of the volume: one that the log lies in. */
  void read(long blockNr, ByteBuffer block) throws IOException {
    device.read(blockNr * blockBytes, block.clear());
  }

  private static long inVolume(BlockDevice device, int blockBytes, long blockNr, long logBlock)
      throws CorruptException {
    long blockCount = device.size() / blockBytes;
    if (blockNr <= 0 || blockNr >= blockCount) {
      throw new CorruptException(
          new Damage(
              "journal inode",
              blockNr,
              "place of the log's block " + logBlock,
              "1 to " + (blockCount - 1),
              Long.toUnsignedString(blockNr)));
    }
    return blockNr;
  }
}
