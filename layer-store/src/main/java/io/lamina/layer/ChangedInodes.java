package io.lamina.layer;

import io.lamina.ext4.Ext4;
import io.lamina.ext4.InodeDifference;
import io.lamina.fs.FileTree;
import io.lamina.thin.ThinPool;
import io.lamina.thin.compare.Difference;
import io.lamina.thin.compare.VolumeDiff;
import io.lamina.thin.dump.MetadataReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Which inodes a device changed against the one that it is a snapshot of: only blocks that the two
 * no longer share are read.
 */
final class ChangedInodes {
  private ChangedInodes() {}

  /** Which may have changed: all, where the mappings do not tell. */
  static LongPredicate between(
      ThinPool pool, int beforeId, FileTree before, int afterId, FileTree after)
      throws IOException {
    if (!(before instanceof Ext4 ext4Before) || !(after instanceof Ext4 ext4After)) {
      return inodeNr -> true;
    }
    MetadataReader metadata = MetadataReader.open(pool.metadataDevice(), false);
    if (metadata.superblock().transactionId() != pool.status().transactionId()) {
      return inodeNr -> true; // the pool is shown as it was once
    }
    List<InodeDifference.Range> ranges = new ArrayList<>();
    long blockBytes = pool.dataBlockBytes();
    VolumeDiff.run(
        metadata,
        beforeId,
        afterId,
        (kind, begin, leftData, rightData, length) -> {
          if (kind != Difference.SAME) {
            ranges.add(new InodeDifference.Range(begin * blockBytes, length * blockBytes));
          }
        });
    Optional<Set<Long>> changed = InodeDifference.between(ext4Before, ext4After, ranges);
    return changed.isPresent() ? changed.get()::contains : inodeNr -> true;
  }
}
