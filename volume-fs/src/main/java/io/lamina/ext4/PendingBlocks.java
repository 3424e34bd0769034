package io.lamina.ext4;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * The newest image of each block of metadata that is newer than what lies in its place.
 *
 * <p>Safe for use by many threads. Who reads a block from its place and remembers it does so under
 * {@link #reading}: while that is held, no image leaves this map, so what was read and is not in
 * the map then is the newest.
 */
final class PendingBlocks {
  private final ConcurrentMap<Long, MetadataBlock> newest = new ConcurrentHashMap<>();
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();

  /** The newest image, null where what lies in the block's place is. */
  @Nullable MetadataBlock newest(long blockNr) {
    return newest.get(blockNr);
  }

  void put(MetadataBlock image) {
    newest.put(image.blockNr(), image);
  }

  /** Held while blocks are read from their place and remembered. */
  Lock reading() {
    return lock.readLock();
  }

  /**
   * An image has been written to its place: remembers it there, unless a newer one has come.
   *
   * @param caches where blocks are remembered that are in their place
   */
  void settle(Volume volume, Caches caches, MetadataBlock image) {
    lock.writeLock().lock();
    try {
      Caches.Key key = new Caches.Key(volume, image.blockNr());
      if (newest.get(image.blockNr()) == image) {
        caches.blocks().put(key, image);
        newest.remove(image.blockNr(), image);
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** A block is metadata no longer. */
  void forget(Volume volume, Caches caches, long blockNr) {
    lock.writeLock().lock();
    try {
      newest.remove(blockNr);
      caches.blocks().invalidate(new Caches.Key(volume, blockNr));
    } finally {
      lock.writeLock().unlock();
    }
  }
}
