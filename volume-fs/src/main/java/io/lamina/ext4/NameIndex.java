package io.lamina.ext4;

import io.lamina.fs.Name;
import java.util.Map;

/**
 * The names of a directory that has no usable hash tree, with their inodes: so that looking up each
 * of its names does not read all of it each time.
 */
record NameIndex(Map<Name, Long> inodeNrs, int weightBytes) {
  private static final int ENTRY_BYTES = 150;

  /** Keeps the names of a directory; the map is not to be changed afterwards. */
  static NameIndex of(Map<Name, Long> inodeNrs) {
    long bytes = ENTRY_BYTES;
    for (Name name : inodeNrs.keySet()) {
      bytes += ENTRY_BYTES + name.byteCount();
    }
    return new NameIndex(inodeNrs, (int) Math.min(bytes, Integer.MAX_VALUE));
  }
}
