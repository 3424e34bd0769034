package io.lamina.persist.walk;

import io.lamina.block.BlockDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.Damage;
import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads metadata blocks that each are looked at once. Where they come in ascending order, more and
 * more of them are read at a time.
 *
 * <p>For one thread.
 */
public final class BlockScan {
  private static final int MAX_AHEAD = 64;

  /** A jump forward no longer than this counts as going on. */
  private static final int NEAR = 16;

  private final BlockDevice device;
  private final long blockCount;
  private final ByteBuffer window = ByteBuffer.allocateDirect(MAX_AHEAD * BlockManager.BLOCK_BYTES);
  private long windowStart;
  private int windowCount;
  private int ahead = 1;

  /** Reads the blocks of a device. */
  public BlockScan(BlockDevice device) {
    this.device = device;
    this.blockCount = device.size() / BlockManager.BLOCK_BYTES;
  }

  /** How many blocks there are. */
  public long blockCount() {
    return blockCount;
  }

  /**
   * A block whose checksum and number are right.
   *
   * @return its bytes, at positions 0 to 4095, until the next call
   * @throws CorruptException when it lies outside the device, or is not what it should be
   */
  public ByteBuffer read(long blockNr, BlockType<?> type) throws IOException {
    ByteBuffer bytes = raw(blockNr, type.structure());
    BlockHeader.verify(blockNr, bytes, type);
    return bytes;
  }

  /**
   * A block, whatever is in it.
   *
   * @param structure what it should be, for the message when it lies outside the device
   */
  public ByteBuffer raw(long blockNr, String structure) throws IOException {
    if (Long.compareUnsigned(blockNr, blockCount) >= 0) {
      throw new CorruptException(
          new Damage(
              structure,
              blockNr,
              "block number",
              "less than " + blockCount,
              Long.toUnsignedString(blockNr)));
    }
    if (blockNr < windowStart || blockNr >= windowStart + windowCount) {
      fill(blockNr);
    }
    int at = (int) (blockNr - windowStart) * BlockManager.BLOCK_BYTES;
    return window.slice(at, BlockManager.BLOCK_BYTES);
  }

  private void fill(long blockNr) throws IOException {
    long windowEnd = windowStart + windowCount;
    boolean goesOn = blockNr >= windowEnd && blockNr - windowEnd <= NEAR;
    ahead = goesOn ? Math.min(MAX_AHEAD, ahead * 2) : 1;
    try {
      fill(blockNr, (int) Math.min(ahead, blockCount - blockNr));
    } catch (IOException e) {
      if (ahead == 1) {
        throw e;
      }
      ahead = 1; // perhaps it is only one of those ahead that cannot be read
      fill(blockNr, 1);
    }
  }

  private void fill(long blockNr, int count) throws IOException {
    windowCount = 0;
    window.clear().limit(count * BlockManager.BLOCK_BYTES);
    device.read(blockNr * BlockManager.BLOCK_BYTES, window);
    window.clear();
    windowStart = blockNr;
    windowCount = count;
  }
}
