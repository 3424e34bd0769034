package io.lamina.thin.compare;

import io.lamina.thin.dump.MetadataReader;
import java.io.IOException;

/** Compares the mappings of two devices. Holds one path of each tree. */
public final class VolumeDiff {
  private final DifferenceVisitor visitor;
  private Difference kind = Difference.SAME;
  private long begin;
  private long leftData;
  private long rightData;
  private long length;

  private VolumeDiff(DifferenceVisitor visitor) {
    this.visitor = visitor;
  }

  /**
   * Shows all ranges that at least one of the devices maps.
   *
   * @throws IOException when one of them does not exist, or is damaged
   */
  public static void run(MetadataReader pool, long left, long right, DifferenceVisitor visitor)
      throws IOException {
    MappingStream lefts = new MappingStream(pool.mappings(), pool.deviceRoot(left));
    MappingStream rights = new MappingStream(pool.mappings(), pool.deviceRoot(right));
    new VolumeDiff(visitor).run(lefts, rights);
  }

  private void run(MappingStream lefts, MappingStream rights) throws IOException {
    while (lefts.isPresent() || rights.isPresent()) {
      int order = order(lefts, rights);
      if (order < 0) {
        add(Difference.LEFT_ONLY, lefts.virtualBlockNr(), lefts.dataBlockNr(), 0);
      } else if (order > 0) {
        add(Difference.RIGHT_ONLY, rights.virtualBlockNr(), 0, rights.dataBlockNr());
      } else {
        long leftNr = lefts.dataBlockNr();
        long rightNr = rights.dataBlockNr();
        Difference found = leftNr == rightNr ? Difference.SAME : Difference.DIFFERENT;
        add(found, lefts.virtualBlockNr(), leftNr, rightNr);
      }
      if (order <= 0) {
        lefts.next();
      }
      if (order >= 0) {
        rights.next();
      }
    }
    emit();
  }

  private static int order(MappingStream lefts, MappingStream rights) {
    if (!lefts.isPresent()) {
      return 1;
    }
    if (!rights.isPresent()) {
      return -1;
    }
    return Long.compareUnsigned(lefts.virtualBlockNr(), rights.virtualBlockNr());
  }

  private void add(Difference found, long virtualBlockNr, long leftNr, long rightNr)
      throws IOException {
    boolean goesOn =
        length > 0
            && found == kind
            && virtualBlockNr == begin + length
            && (found == Difference.RIGHT_ONLY || leftNr == leftData + length)
            && (found == Difference.LEFT_ONLY || rightNr == rightData + length);
    if (goesOn) {
      length++;
      return;
    }
    emit();
    kind = found;
    begin = virtualBlockNr;
    leftData = leftNr;
    rightData = rightNr;
    length = 1;
  }

  private void emit() throws IOException {
    if (length > 0) {
      visitor.range(kind, begin, leftData, rightData, length);
    }
    length = 0;
  }
}
