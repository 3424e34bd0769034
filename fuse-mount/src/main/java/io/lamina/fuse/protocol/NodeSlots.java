package io.lamina.fuse.protocol;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The numbers of many nodes, in 36 bytes each and no object: a slot a node, in pieces that never
 * move, and a table of hashes over them. Used under a lock.
 */
final class NodeSlots {
  /** No slot. */
  static final int NONE = -1;

  private static final int SOURCE = 0;
  private static final int NUMBER = 1;
  private static final int GENERATION = 2;
  private static final int NEXT = 3;
  private static final int USE = 4;
  private static final int LOOKUPS = 5;
  private static final int PARENT = 7;
  private static final int FIELDS = 9;
  private static final int PIECE_SHIFT = 10;
  private static final int PIECE_SLOTS = 1 << PIECE_SHIFT;
  private static final int MIN_BUCKETS = 1 << 10;

  private final List<int[]> pieces = new ArrayList<>();
  private int[] buckets = emptyBuckets(MIN_BUCKETS);
  private int firstFree = NONE;
  private int slotCount;
  private int size;

  private static int[] emptyBuckets(int count) {
    int[] buckets = new int[count];
    Arrays.fill(buckets, NONE);
    return buckets;
  }

  /** The slot of a node; {@link #NONE} where it has none. */
  int find(int source, int number, int generation) {
    int slot = buckets[bucket(source, number, generation)];
    while (slot != NONE && !holds(slot, source, number, generation)) {
      slot = get(slot, NEXT);
    }
    return slot;
  }

  private boolean holds(int slot, int source, int number, int generation) {
    return get(slot, NUMBER) == number
        && get(slot, SOURCE) == source
        && get(slot, GENERATION) == generation;
  }

  private int bucket(int source, int number, int generation) {
    int hash = (number * 31 + source) * 31 + generation;
    return ((hash ^ (hash >>> 16)) * 0x9e37_79b9)
        >>> Integer.numberOfLeadingZeros(buckets.length - 1);
  }

  /** Gives a node a slot, which it has not got yet. */
  int add(int source, int number, int generation, long parent) {
    if (size == buckets.length) {
      grow();
    }
    int slot = take();
    set(slot, SOURCE, source);
    set(slot, NUMBER, number);
    set(slot, GENERATION, generation);
    setLookups(slot, 0);
    setParent(slot, parent);
    chain(slot);
    size++;
    return slot;
  }

  private int take() {
    if (firstFree != NONE) {
      int slot = firstFree;
      firstFree = get(slot, NEXT);
      return slot;
    }
    if (slotCount == pieces.size() << PIECE_SHIFT) {
      pieces.add(new int[PIECE_SLOTS * FIELDS]);
    }
    return slotCount++;
  }

  private void chain(int slot) {
    int bucket = bucket(source(slot), number(slot), generation(slot));
    set(slot, NEXT, buckets[bucket]);
    buckets[bucket] = slot;
  }

  private void grow() {
    int[] old = buckets;
    buckets = emptyBuckets(old.length * 2);
    for (int first : old) {
      int slot = first;
      while (slot != NONE) {
        int next = get(slot, NEXT);
        chain(slot);
        slot = next;
      }
    }
  }

  /** Frees a slot; what it is called from now on is another. */
  void remove(int slot) {
    int bucket = bucket(source(slot), number(slot), generation(slot));
    int next = get(slot, NEXT);
    if (buckets[bucket] == slot) {
      buckets[bucket] = next;
    } else {
      int before = buckets[bucket];
      while (get(before, NEXT) != slot) {
        before = get(before, NEXT);
      }
      set(before, NEXT, next);
    }
    setLookups(slot, 0);
    set(slot, USE, get(slot, USE) + 1);
    set(slot, NEXT, firstFree);
    firstFree = slot;
    size--;
  }

  int source(int slot) {
    return get(slot, SOURCE);
  }

  int number(int slot) {
    return get(slot, NUMBER);
  }

  int generation(int slot) {
    return get(slot, GENERATION);
  }

  /** How many nodes had the slot before. */
  int use(int slot) {
    return get(slot, USE);
  }

  /** How often the kernel looked it up; 0 of a slot that is free. */
  long lookups(int slot) {
    return getLong(slot, LOOKUPS);
  }

  void setLookups(int slot, long count) {
    setLong(slot, LOOKUPS, count);
  }

  long parent(int slot) {
    return getLong(slot, PARENT);
  }

  void setParent(int slot, long inodeNr) {
    setLong(slot, PARENT, inodeNr);
  }

  /** How many nodes have a slot. */
  int size() {
    return size;
  }

  /** Above all slots that were ever used. */
  int slotCount() {
    return slotCount;
  }

  private int get(int slot, int field) {
    return pieces.get(slot >>> PIECE_SHIFT)[(slot & (PIECE_SLOTS - 1)) * FIELDS + field];
  }

  private void set(int slot, int field, int value) {
    pieces.get(slot >>> PIECE_SHIFT)[(slot & (PIECE_SLOTS - 1)) * FIELDS + field] = value;
  }

  private long getLong(int slot, int field) {
    return (long) get(slot, field + 1) << Integer.SIZE | (get(slot, field) & 0xffff_ffffL);
  }

  private void setLong(int slot, int field, long value) {
    set(slot, field, (int) value);
    set(slot, field + 1, (int) (value >>> Integer.SIZE));
  }
}
