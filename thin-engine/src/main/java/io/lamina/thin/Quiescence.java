package io.lamina.thin;

import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Tells when everybody who may still look at a block that was freed has stopped looking. Users come
 * and go without a lock; they count themselves in the phase that they came in, and the one who
 * waits begins a new phase first.
 */
final class Quiescence {
  private static final long PAUSE_NANOS = 50_000;

  private final LongAdder[] entered = {new LongAdder(), new LongAdder()};
  private final LongAdder[] left = {new LongAdder(), new LongAdder()};
  private volatile int phase;

  /**
   * Comes in.
   *
   * @return the phase, to leave with
   */
  int enter() {
    while (true) {
      int mine = phase;
      entered[mine].increment();
      if (phase == mine) {
        return mine;
      }
      left[mine].increment();
    }
  }

  void leave(int mine) {
    left[mine].increment();
  }

  /** Returns when all who came in before the call have left. */
  synchronized void await() {
    int old = phase;
    phase = 1 - old;
    while (true) {
      long leftCount = left[old].sum(); // first: an entry seen later than its leaving would do harm
      if (leftCount == entered[old].sum()) {
        return;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
