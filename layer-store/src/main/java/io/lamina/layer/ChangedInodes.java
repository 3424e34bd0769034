package io.lamina.layer;

import io.lamina.block.BlockDevice;
import io.lamina.ext4.Ext4;
import io.lamina.ext4.InodeDifference;
import io.lamina.fs.FileTree;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WritablePool;
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
    ext4Before.settle();
    ext4After.settle();
    List<InodeDifference.Range> ranges = new ArrayList<>();
    boolean[] isKnown = new boolean[1];
    if (pool instanceof WritablePool changing) {
      changing.readCommitted(
          metadata -> isKnown[0] = compare(pool, metadata, beforeId, afterId, ranges));
    } else {
      isKnown[0] = compare(pool, pool.metadataDevice(), beforeId, afterId, ranges);
    }
    if (!isKnown[0]) {
      return inodeNr -> true;
    }
    Optional<Set<Long>> changed = InodeDifference.between(ext4Before, ext4After, ranges);
    return changed.isPresent() ? changed.get()::contains : inodeNr -> true;
  }

  /** Where two devices differ; gives false where the pool is shown as it was once. */
  private static boolean compare(
      ThinPool pool,
      BlockDevice device,
      int beforeId,
      int afterId,
      List<InodeDifference.Range> ranges)
      throws IOException {
    MetadataReader metadata = MetadataReader.open(device, false);
    if (metadata.superblock().transactionId() != pool.status().transactionId()) {
      return false;
    }
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
    return true;
  }
}
