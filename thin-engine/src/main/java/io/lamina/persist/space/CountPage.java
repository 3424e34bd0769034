package io.lamina.persist.space;

import java.util.BitSet;

/** The counts of one bitmap's blocks within a transaction. For one thread at a time. */
final class CountPage {
  private final byte[] counts = new byte[Bitmap.ENTRY_COUNT];

  /** Blocks that must not be handed out: in use, touched, reserved or held. */
  private final BitSet unavailable = new BitSet(Bitmap.ENTRY_COUNT);

  private final BitSet touched = new BitSet();
  private BitSet unwritten = new BitSet();
  private int keptCount;

  /** All zero: the blocks are new. */
  CountPage() {}

  CountPage(Bitmap bitmap) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (byte) bitmap.count(i);
      if (counts[i] != 0) {
        unavailable.set(i);
      }
    }
  }

  /** The count of a block, or {@link Bitmap#OVERFLOW} for all above two. */
  int count(int at) {
    return counts[at];
  }

  /**
   * Changes a count.
   *
   * @return whether it is the first change of that count in the transaction
   */
  boolean set(int at, int count) {
    counts[at] = (byte) count;
    unavailable.set(at);
    unwritten.set(at);
    boolean isFirst = !touched.get(at);
    touched.set(at);
    return isFirst;
  }

  /**
   * The first block from {@code from} on that may be handed out; {@code end} where there is none.
   */
  int nextAvailable(int from, int end) {
    return Math.min(end, unavailable.nextClearBit(from));
  }

  boolean isAvailable(int at) {
    return !unavailable.get(at);
  }

  /** Keeps a block from being handed out. */
  void keep(int at) {
    unavailable.set(at);
    keptCount++;
  }

  /** It is about to be used: {@link #set} is called next. */
  void useKept() {
    keptCount--;
  }

  void letGo(int at) {
    unavailable.clear(at);
    keptCount--;
  }

  /** Takes out which counts are not on disk yet. */
  BitSet takeUnwritten() {
    BitSet taken = unwritten;
    unwritten = new BitSet();
    return taken;
  }

  boolean isWritten() {
    return unwritten.isEmpty();
  }

  /** The transaction is committed: blocks that it left at zero are kept, and told of. */
  BitSet begin() {
    BitSet freed = new BitSet();
    for (int at = touched.nextSetBit(0); at >= 0; at = touched.nextSetBit(at + 1)) {
      if (counts[at] == 0) {
        freed.set(at);
      }
    }
    keptCount += freed.cardinality();
    touched.clear();
    return freed;
  }

  /** Whether it holds nothing that is not on disk too. */
  boolean isForgettable() {
    return keptCount == 0 && touched.isEmpty();
  }
}
