package io.lamina.ext4;

import java.util.List;

/**
 * A part of a directory's listing.
 *
 * @param entries in the order of their cookies
 * @param next the cookie that the next part starts with, {@link #END} where there is none
 */
record ListedPart(List<ListedEntry> entries, long next) {
  static final long END = -1;
}
