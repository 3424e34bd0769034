package io.lamina.persist.btree;

import org.jspecify.annotations.Nullable;

/**
 * The leaf that has the say about a range of keys: a key in the range that it lacks is nowhere in
 * the tree.
 *
 * @param node the leaf; null where the range lies before the tree's first key
 * @param firstKey start of the range
 * @param lastKey end of the range, itself included; -1, the highest unsigned, for the rest
 * @param shared whether the leaf, or a node above it, has more than one parent; false where nobody
 *     asked
 */
public record Leaf(@Nullable Node node, long firstKey, long lastKey, boolean shared) {
  /** Whether it has the say about a key. */
  public boolean covers(long key) {
    return Long.compareUnsigned(key, firstKey) >= 0 && Long.compareUnsigned(key, lastKey) <= 0;
  }

  /** Whether no key lies beyond its range. */
  public boolean isLast() {
    return lastKey == -1;
  }
}
