package io.lamina.thin.check;

import io.lamina.persist.walk.WalkedNode;
import io.lamina.thin.Mapping;
import io.lamina.thin.Superblock;

/** Looks at the leaves of the devices' trees: counts the references to data blocks. */
final class MappingCheck implements TreeWalk.LeafVisitor {
  private final Findings findings;
  private final Counts data;
  private final long dataBlockCount;
  private final int time;
  private final long maxVirtualBlockNr;
  private long mappingCount;

  /** Counts in {@code data}, which may cover fewer blocks than the superblock says there are. */
  MappingCheck(Findings findings, Counts data, Superblock superblock) {
    this.findings = findings;
    this.data = data;
    this.dataBlockCount = superblock.dataSpaceMap().blockCount();
    this.time = superblock.time();
    this.maxVirtualBlockNr = Long.MAX_VALUE / superblock.dataBlockBytes() - 1;
  }

  long mappingCount() {
    return mappingCount;
  }

  @Override
  public boolean visit(WalkedNode leaf) {
    int count = leaf.entryCount();
    mappingCount += count;
    for (int i = 0; i < count; i++) {
      long value = leaf.value(i);
      long blockNr = Mapping.dataBlockNr(value);
      if (data.covers(blockNr)) {
        data.increment(blockNr);
      } else if (Long.compareUnsigned(blockNr, dataBlockCount) >= 0) {
        wrong(leaf, i, "data block", dataBlockCount - 1, blockNr);
      }
      if (Mapping.time(value) > time) {
        wrong(leaf, i, "time", time, Mapping.time(value));
      }
    }
    if (count > 0 && Long.compareUnsigned(leaf.key(count - 1), maxVirtualBlockNr) > 0) {
      findings.add(
          leaf.damaged(
                  "virtual block",
                  "at most " + maxVirtualBlockNr,
                  Long.toUnsignedString(leaf.key(count - 1)))
              .damage());
    }
    return true;
  }

  private void wrong(WalkedNode leaf, int index, String field, long most, long found) {
    findings.add(
        Finding.DAMAGE,
        () ->
            leaf.damaged(
                    field + " of virtual block " + Long.toUnsignedString(leaf.key(index)),
                    "at most " + Long.toUnsignedString(most),
                    Long.toUnsignedString(found))
                .damage());
  }
}
