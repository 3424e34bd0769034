package io.lamina.thin;

import io.lamina.block.HolePuncher;
import java.time.Duration;

/**
 * How to write to a pool.
 *
 * @param skipBlockZeroing whether what a new block held before may show through where only a part
 *     of it is written
 * @param discard what becomes of discards
 * @param noSpaceTimeout how long a write waits for room before it fails
 * @param lowWaterBlocks a line is logged when fewer data blocks than this are free
 * @param puncher gives space back to the host
 */
public record WriteOptions(
    boolean skipBlockZeroing,
    Discard discard,
    Duration noSpaceTimeout,
    long lowWaterBlocks,
    HolePuncher puncher) {
  /** Zeroes new blocks, passes discards down as far as Java alone can, fails at once when full. */
  public static final WriteOptions DEFAULT =
      new WriteOptions(false, Discard.PASSDOWN, Duration.ZERO, 0, HolePuncher.NONE);

  /** What becomes of discards. */
  public enum Discard {
    /** Nothing at all. */
    IGNORE,
    /** Blocks are unmapped; the data device keeps their space. */
    NO_PASSDOWN,
    /** Blocks are unmapped, and what nobody else holds is given back to the host. */
    PASSDOWN
  }
}
