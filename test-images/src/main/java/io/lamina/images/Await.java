package io.lamina.images;

import java.time.Duration;

/** Waits for what comes about by itself, on however slow a machine. */
public final class Await {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long STEP_MILLIS = 20;

  private Await() {}

  /** What is waited for. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it has come about. */
    boolean holds() throws Exception;
  }

  /**
   * Comes back when a condition holds.
   *
   * @param what named where it does not come about
   * @throws AssertionError when it does not hold after two minutes
   */
  public static void until(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - end >= 0) {
        throw new AssertionError("waited in vain: " + what);
      }
      Thread.sleep(STEP_MILLIS);
    }
  }
}
