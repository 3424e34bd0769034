package io.lamina.ext4;

import io.lamina.ext4.format.Geometry;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which block group a new inode should lie in. Directories below the root are spread, so that each
 * has room to grow; those further down lie near their parents, unless their group has become
 * crowded; files lie where their directory does.
 *
 * @see <a
 *     href="https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/fs/ext4/ialloc.c">
 *     find_group_orlov() in fs/ext4/ialloc.c</a>
 */
final class GroupChoice {
  private static final int CROWDED_SHARE = 16;
  private static final int POOR_SHARE = 4;

  private final BlockGroups groups;
  private final long inodesPerGroup;
  private final long clustersPerGroup;

  GroupChoice(BlockGroups groups, Geometry geometry) {
    this.groups = groups;
    this.inodesPerGroup = geometry.inodesPerGroup();
    this.clustersPerGroup = geometry.blocksPerGroup() / geometry.clusterBlocks();
  }

  /** The best group for a directory; it may turn out to be full. */
  int forDirectory(int parentGroup, boolean isBelowRoot) {
    long inodes = 0;
    long clusters = 0;
    long directories = 0;
    for (int nr = 0; nr < groups.count(); nr++) {
      BlockGroup group = groups.group(nr);
      inodes += group.freeInodeCount();
      clusters += group.freeClusterCount();
      directories += group.directoryCount();
    }
    long averageInodes = inodes / groups.count();
    long averageClusters = clusters / groups.count();
    return isBelowRoot
        ? emptiest(averageInodes, averageClusters)
        : near(parentGroup, averageInodes, averageClusters, directories / groups.count());
  }

  /** Among the groups with room above average, the one with the fewest directories. */
  private int emptiest(long averageInodes, long averageClusters) {
    int start = ThreadLocalRandom.current().nextInt(groups.count());
    int best = start;
    long fewest = Long.MAX_VALUE;
    for (int i = 0; i < groups.count(); i++) {
      BlockGroup group = groups.group((start + i) % groups.count());
      boolean hasRoom =
          group.freeInodeCount() > 0
              && group.freeInodeCount() >= averageInodes
              && group.freeClusterCount() >= averageClusters;
      if (hasRoom && group.directoryCount() < fewest) {
        best = (int) group.nr();
        fewest = group.directoryCount();
      }
    }
    return best;
  }

  /** The parent's group, or the next one that is neither crowded nor poor. */
  private int near(
      int parentGroup, long averageInodes, long averageClusters, long averageDirectories) {
    long mostDirectories = averageDirectories + inodesPerGroup / CROWDED_SHARE;
    long leastInodes = Math.max(1, averageInodes - inodesPerGroup / POOR_SHARE);
    long leastClusters = Math.max(1, averageClusters - clustersPerGroup / POOR_SHARE);
    for (int i = 0; i < groups.count(); i++) {
      BlockGroup group = groups.group((parentGroup + i) % groups.count());
      if (group.directoryCount() <= mostDirectories
          && group.freeInodeCount() >= leastInodes
          && group.freeClusterCount() >= leastClusters) {
        return (int) group.nr();
      }
    }
    return parentGroup;
  }

  /** The best group for a file: its directory's, or the next one with inodes and room. */
  int forFile(int parentGroup) {
    for (int i = 0; i < groups.count(); i++) {
      BlockGroup group = groups.group((parentGroup + i) % groups.count());
      if (group.freeInodeCount() > 0 && group.freeClusterCount() > 0) {
        return (int) group.nr();
      }
    }
    return parentGroup;
  }
}
