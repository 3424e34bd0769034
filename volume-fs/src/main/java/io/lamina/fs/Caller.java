package io.lamina.fs;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * On whose behalf the current thread works, for what depends on that far below: the space that a
 * file system keeps for some. Where nobody said, it is the process itself, which may have that.
 */
public final class Caller {
  private static final ThreadLocal<@Nullable Owner> CURRENT = new ThreadLocal<>();

  private Caller() {}

  /** Something done for somebody. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /** Does something on somebody's behalf. */
  public static <T> T as(Owner owner, Work<T> work) throws IOException {
    Owner before = CURRENT.get();
    CURRENT.set(owner);
    try {
      return work.run();
    } finally {
      CURRENT.set(before);
    }
  }

  /** Who it is; null for the process itself. */
  public static @Nullable Owner current() {
    return CURRENT.get();
  }
}
