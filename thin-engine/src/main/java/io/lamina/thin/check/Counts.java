package io.lamina.thin.check;

import java.util.HashMap;
import java.util.Map;

/**
 * How often each of many blocks was referred to: a byte a block, in pages that exist where
 * something was counted, and a map for the few blocks whose count outgrows a byte.
 */
public final class Counts {
  private static final int PAGE_SHIFT = 12;
  private static final int PAGE = 1 << PAGE_SHIFT;

  /** What a byte holds when the count is in the map. */
  private static final int LARGE = 255;

  private final long blockCount;
  private final byte[][] pages;
  private final Map<Long, Long> large = new HashMap<>();

  /**
   * All zero.
   *
   * @param blockCount how many blocks can be counted: no more than there are bitmaps for
   */
  public Counts(long blockCount) {
    this.blockCount = blockCount;
    this.pages = new byte[(int) ((blockCount + PAGE - 1) >>> PAGE_SHIFT)][];
  }

  /** How many blocks can be counted. */
  public long blockCount() {
    return blockCount;
  }

  /** Whether a block can be counted. */
  public boolean covers(long blockNr) {
    return Long.compareUnsigned(blockNr, blockCount) < 0;
  }

  /** One more reference to a block. */
  public void increment(long blockNr) {
    int pageNr = (int) (blockNr >>> PAGE_SHIFT);
    byte[] page = pages[pageNr];
    if (page == null) {
      page = new byte[PAGE];
      pages[pageNr] = page;
    }
    int at = (int) blockNr & (PAGE - 1);
    int count = page[at] & 0xff;
    if (count < LARGE - 1) {
      page[at] = (byte) (count + 1);
    } else {
      page[at] = (byte) LARGE;
      large.merge(blockNr, (long) LARGE, (old, first) -> old + 1);
    }
  }

  /** How many references to a block there were. */
  public long get(long blockNr) {
    byte[] page = pages[(int) (blockNr >>> PAGE_SHIFT)];
    if (page == null) {
      return 0;
    }
    int count = page[(int) blockNr & (PAGE - 1)] & 0xff;
    return count == LARGE ? large.getOrDefault(blockNr, (long) LARGE) : count;
  }
}
