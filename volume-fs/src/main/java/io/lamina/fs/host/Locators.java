package io.lamina.fs.host;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors that this process keeps for files used lately, of all trees together: there may
 * be a hundred trees, and a process has only so many descriptors.
 */
final class Locators {
  private static final long MOST = 4096;
  private static final long SHARE_OF_LIMIT = 4;

  private static final Cache<HostNode, Locator> KEPT =
      Caffeine.newBuilder()
          .maximumSize(size())
          .executor(Runnable::run)
          .removalListener(Locators::letGo)
          .build();

  private Locators() {}

  private static long size() {
    try {
      return Math.min(MOST, TreeCalls.get().descriptorLimit() / SHARE_OF_LIMIT);
    } catch (IOException e) {
      return MOST / SHARE_OF_LIMIT;
    }
  }

  private static void letGo(
      @Nullable HostNode node, @Nullable Locator locator, RemovalCause cause) {
    if (locator != null) {
      locator.close();
    }
  }

  /** The descriptor kept for a file, with one user more; null where none is kept. */
  static @Nullable Locator use(HostNode node) {
    Locator kept = KEPT.getIfPresent(node);
    return kept != null && kept.use() ? kept : null;
  }

  /** Keeps a descriptor, which is in use, for later. */
  static void keep(HostNode node, Locator locator) {
    if (locator.use()) {
      KEPT.put(node, locator);
    }
  }

  static void forget(HostNode node) {
    KEPT.invalidate(node);
  }

  static void forgetAllOf(HostTree tree) {
    KEPT.asMap().keySet().removeIf(node -> node.tree() == tree);
  }
}
