package io.lamina.ext4;

/**
 * Free clusters of a group that are kept for a file which grows: whoever else looks for some takes
 * others, as long as there are any. It is known in memory only.
 */
record GrowthRun(BlockGroup group, int start, int stop) {
  /** Lets everybody have them. */
  void release() {
    synchronized (group) {
      group.kept().clear(start, stop);
    }
  }
}
