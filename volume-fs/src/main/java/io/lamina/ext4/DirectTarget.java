package io.lamina.ext4;

import java.io.IOException;

/** Writes transactions straight to their places: of a volume without a journal. */
final class DirectTarget implements Journal.Target {
  private static final int MAX_BLOCKS = 4096;

  private final Volume volume;
  private final HomeWriter home;
  private final SuperblockWriter superblock;

  DirectTarget(Volume volume, SuperblockWriter superblock) {
    this.superblock = superblock;
    this.volume = volume;
    this.home = new HomeWriter(volume);
  }

  @Override
  public int maxBlockCount() {
    return MAX_BLOCKS;
  }

  @Override
  public void write(Transaction transaction) throws IOException {
    boolean isFirst = superblock.announceOpen();
    if (isFirst || !transaction.ordered().isEmpty()) {
      volume.writable().flush(); // that, and what new mappings point at, come first
    }
    home.write(transaction.imagesInOrder());
    volume.writable().flush();
  }

  @Override
  public void checkpoint() {
    // all that was committed is in its place
  }

  @Override
  public void abort() {
    // there is no journal to leave a note in
  }
}
