package io.lamina.ext4;

/**
 * Free clusters that are promised to somebody: allocating from it does not fail for want of room.
 * Closing it gives back what was not used. Safe for use by many threads.
 */
final class BlockReservation implements AutoCloseable {
  private final BlockAllocator allocator;
  private long clusterCount;

  BlockReservation(BlockAllocator allocator, long clusterCount) {
    this.allocator = allocator;
    this.clusterCount = clusterCount;
  }

  /** Clusters that are left of it. */
  synchronized long clusterCount() {
    return clusterCount;
  }

  /** Takes up to so many clusters out of it, which then belong to the caller. */
  synchronized long take(long most) {
    long taken = Math.min(most, clusterCount);
    clusterCount -= taken;
    return taken;
  }

  /** Puts clusters back into it. */
  synchronized void put(long count) {
    clusterCount += count;
  }

  /** Adds what another reservation holds. */
  void addAll(BlockReservation other) {
    put(other.take(Long.MAX_VALUE));
  }

  @Override
  public void close() {
    allocator.unreserve(take(Long.MAX_VALUE));
  }
}
