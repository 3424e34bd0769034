package io.lamina.fuse.protocol;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * New files whose maker writes past the kernel's page cache: what he writes comes in one piece,
 * where the cache would send the part of a page that is there already apart from the rest.
 *
 * <p>Who opens such a file meanwhile reads past the cache too, or he might be shown what the file
 * had before. What he maps into memory is cached nevertheless; the kernel drops a page when it is
 * written to, but one that is read at the same moment may stay, and has to be dropped afterwards.
 *
 * <p>For many threads: the kernel makes a file and opens it while nobody else can look its name up.
 */
final class DirectFiles {
  /** One such file, as long as a maker has it open. */
  static final class Use {
    private final Set<Long> writers = ConcurrentHashMap.newKeySet();
    private volatile boolean shared;
    private volatile boolean capable;

    /** Whether others opened it too, and may have pages of it in the cache. */
    boolean isShared() {
      return shared;
    }

    /** Whether it may have been given capabilities, which it loses when it is written to. */
    boolean mayBeCapable() {
      return capable;
    }

    void setCapable() {
      capable = true;
    }
  }

  private final ConcurrentHashMap<Long, Use> uses = new ConcurrentHashMap<>();
  private volatile boolean allowed;

  /** Says whether the kernel can do with such files; before that, there are none. */
  void allow(boolean isAllowed) {
    allowed = isAllowed;
  }

  /**
   * A new file that its maker has opened for writing alone.
   *
   * @return whether he is to write past the cache
   */
  boolean made(long nodeId, long handle) {
    if (!allowed) {
      return false;
    }
    uses.computeIfAbsent(nodeId, id -> new Use()).writers.add(handle);
    return true;
  }

  /**
   * A file that somebody else opens.
   *
   * @return whether he is to read and write past the cache
   */
  boolean opened(long nodeId) {
    Use use = uses.get(nodeId);
    if (use == null) {
      return false;
    }
    use.shared = true;
    return true;
  }

  /** What is to be known of a file before it is written to; null of one that is not such. */
  @Nullable Use use(long nodeId) {
    return uses.get(nodeId);
  }

  /**
   * A handle is closed.
   *
   * @return whether it was the last of a file's makers', while others may have pages of it
   */
  boolean released(long nodeId, long handle) {
    Use use = uses.get(nodeId);
    if (use == null || !use.writers.remove(handle) || !use.writers.isEmpty()) {
      return false;
    }
    uses.remove(nodeId);
    return use.shared;
  }
}
