package io.lamina.thin.compare;

import io.lamina.persist.walk.LeafCursor;
import io.lamina.thin.Mapping;
import java.io.IOException;

/** The mappings of a device one by one. */
final class MappingStream {
  private final LeafCursor leaves;
  private int index;
  private boolean hasLeaf;
  private boolean isPresent;

  MappingStream(LeafCursor leaves, long root) throws IOException {
    this.leaves = leaves.open(root);
    this.hasLeaf = leaves.next();
    settle();
  }

  private void settle() throws IOException {
    while (hasLeaf && index >= leaves.leaf().entryCount()) {
      hasLeaf = leaves.next();
      index = 0;
    }
    isPresent = hasLeaf;
  }

  /** Whether there is one. */
  boolean isPresent() {
    return isPresent;
  }

  long virtualBlockNr() {
    return leaves.leaf().key(index);
  }

  long dataBlockNr() {
    return Mapping.dataBlockNr(leaves.leaf().value(index));
  }

  /** Goes to the next. */
  void next() throws IOException {
    index++;
    settle();
  }
}
