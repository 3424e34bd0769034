package io.lamina.mount;

import java.time.Duration;

/**
 * How many have something open. Close(2) does not wait until the kernel has told us of it: so who
 * needs that nobody has it open waits a moment for those who have just closed it. Safe for use by
 * many threads.
 */
final class UseCount {
  private int count;

  synchronized void increment() {
    count++;
  }

  synchronized void decrement() {
    count--;
    notifyAll();
  }

  synchronized boolean isZero() {
    return count == 0;
  }

  /** Comes back when nobody has it open, or after a time, whatever is sooner. */
  synchronized void awaitZero(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      for (long left = patience.toNanos(); count > 0 && left > 0; left = end - System.nanoTime()) {
        wait(left / 1_000_000, (int) (left % 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
