package io.lamina.fs;

import java.io.IOException;

/**
 * Whether what the current thread reads is an access, of which files keep the time. What looks at a
 * tree on its own account, to compare or to pack it, should not change what it looks at.
 */
public final class AccessTimes {
  private static final ThreadLocal<Boolean> LEFT = ThreadLocal.withInitial(() -> false);

  private AccessTimes() {}

  /** Something that reads. */
  @FunctionalInterface
  public interface Work {
    /** Does it. */
    void run() throws IOException;
  }

  /** Does something in this thread, and leaves the access times of what it reads as they are. */
  public static void leave(Work work) throws IOException {
    boolean before = LEFT.get();
    LEFT.set(true);
    try {
      work.run();
    } finally {
      LEFT.set(before);
    }
  }

  /** Whether this thread is to leave them. */
  public static boolean areLeft() {
    return LEFT.get();
  }
}
