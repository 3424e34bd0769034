package io.lamina.ext4;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Weigher;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of all open volumes: blocks of metadata, inodes, and the names of directories
 * without a usable hash tree. One set for the process, so that a thousand open volumes take no more
 * than one.
 */
final class Caches {
  /**
   * A block or an inode of one volume. Compared by hand: what a record brings goes through method
   * handles, and this is done several times for each request.
   */
  record Key(Volume volume, long nr) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key key && key.nr == nr && key.volume == volume;
    }

    @Override
    public int hashCode() {
      return Long.hashCode(nr) * 31 + System.identityHashCode(volume);
    }
  }

  private static final long MIB = 1 << 20;
  private static final long BLOCKS_MAX_BYTES = 48 * MIB;
  private static final long INODES_MAX_BYTES = 24 * MIB;
  private static final long NAMES_MAX_BYTES = 16 * MIB;
  private static final int HEAP_SHARE = 8;
  private static final int MOST_REMEMBERED_WARNINGS = 1024;

  /** The set of this process. */
  static final Caches SHARED = new Caches(Runtime.getRuntime().maxMemory() / HEAP_SHARE);

  private final Cache<Key, MetadataBlock> blocks;
  private final Cache<Key, Inode> inodes;
  private final Cache<Key, NameIndex> names;
  private final Cache<Key, Boolean> warned =
      Caffeine.newBuilder().maximumSize(MOST_REMEMBERED_WARNINGS).executor(Runnable::run).build();

  private Caches(long maxBytes) {
    blocks = weighed(Math.min(BLOCKS_MAX_BYTES, maxBytes), (key, block) -> block.weightBytes());
    inodes = weighed(Math.min(INODES_MAX_BYTES, maxBytes), (key, inode) -> inode.weightBytes());
    names = weighed(Math.min(NAMES_MAX_BYTES, maxBytes), (key, index) -> index.weightBytes());
  }

  private static <V> Cache<Key, V> weighed(long maxBytes, Weigher<Key, V> weigher) {
    return Caffeine.newBuilder()
        .maximumWeight(maxBytes)
        .weigher(weigher)
        .executor(Runnable::run)
        .build();
  }

  /** Blocks of metadata, by block number. */
  Cache<Key, MetadataBlock> blocks() {
    return blocks;
  }

  /** Inodes, by inode number. */
  Cache<Key, Inode> inodes() {
    return inodes;
  }

  /** Names of directories, by inode number. */
  Cache<Key, NameIndex> names() {
    return names;
  }

  /** Whether nothing was said of an inode yet: what is damaged is met again and again. */
  boolean isNews(Key inode) {
    return warned.asMap().putIfAbsent(inode, true) == null;
  }

  /** Forgets a volume that is closed. */
  void forget(Volume volume) {
    blocks.asMap().keySet().removeIf(key -> key.volume() == volume);
    inodes.asMap().keySet().removeIf(key -> key.volume() == volume);
    names.asMap().keySet().removeIf(key -> key.volume() == volume);
    warned.asMap().keySet().removeIf(key -> key.volume() == volume);
  }
}
