package io.lamina.thin.check;

import org.jspecify.annotations.Nullable;

/**
 * What was found out about metadata blocks that were looked at: so that one with several parents is
 * looked at once only. In pages, which exist where something was noted.
 */
final class BlockNotes {
  private static final int PAGE_SHIFT = 10;
  private static final int PAGE = 1 << PAGE_SHIFT;

  /** The number of entries below a node, where damage hides it. */
  static final long UNKNOWN = -1;

  /** The node's own children are being looked at. */
  static final long OPEN = -2;

  private final @Nullable Page[] pages;

  private static final class Page {
    final @Nullable BlockUse[] uses = new BlockUse[PAGE];
    final long[] entryCounts = new long[PAGE];
    final long[] firstKeys = new long[PAGE];
    final long[] lastKeys = new long[PAGE];
  }

  BlockNotes(long blockCount) {
    this.pages = new Page[(int) ((blockCount + PAGE - 1) >>> PAGE_SHIFT)];
  }

  /** What a block is used as; null where it was not come across yet. */
  @Nullable BlockUse use(long blockNr) {
    Page page = pages[(int) (blockNr >>> PAGE_SHIFT)];
    return page == null ? null : page.uses[at(blockNr)];
  }

  void setUse(long blockNr, BlockUse use) {
    page(blockNr).uses[at(blockNr)] = use;
  }

  /** How many entries the leaves below a node have, or {@link #UNKNOWN} or {@link #OPEN}. */
  long entryCount(long blockNr) {
    return page(blockNr).entryCounts[at(blockNr)];
  }

  void setEntryCount(long blockNr, long count) {
    page(blockNr).entryCounts[at(blockNr)] = count;
  }

  void setKeys(long blockNr, long first, long last) {
    page(blockNr).firstKeys[at(blockNr)] = first;
    page(blockNr).lastKeys[at(blockNr)] = last;
  }

  long firstKey(long blockNr) {
    return page(blockNr).firstKeys[at(blockNr)];
  }

  long lastKey(long blockNr) {
    return page(blockNr).lastKeys[at(blockNr)];
  }

  private Page page(long blockNr) {
    int pageNr = (int) (blockNr >>> PAGE_SHIFT);
    Page page = pages[pageNr];
    if (page == null) {
      page = new Page();
      pages[pageNr] = page;
    }
    return page;
  }

  private static int at(long blockNr) {
    return (int) blockNr & (PAGE - 1);
  }
}
