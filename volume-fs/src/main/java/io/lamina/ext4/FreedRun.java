package io.lamina.ext4;

/**
 * Neighbouring clusters of a group that were freed, in the group's bits {@code start} to {@code
 * stop}.
 */
record FreedRun(BlockGroup group, int start, int stop) {
  /** Clusters of it. */
  int clusterCount() {
    return stop - start;
  }
}
