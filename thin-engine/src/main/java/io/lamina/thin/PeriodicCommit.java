package io.lamina.thin;

import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Commits a pool again and again, so that no change waits longer than a second. */
final class PeriodicCommit {
  private static final Logger log = LoggerFactory.getLogger(PeriodicCommit.class);
  private static final long PERIOD_MILLIS = 900;

  private final LiveMetadata live;
  private final AtomicBoolean isAsked = new AtomicBoolean();
  private final ScheduledExecutorService timer =
      new ScheduledThreadPoolExecutor(
          1,
          DaemonThreads.named("lamina-commit"),
          new ThreadPoolExecutor.DiscardPolicy()); // once stopped

  PeriodicCommit(LiveMetadata live) {
    this.live = live;
  }

  void start() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::commit, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Commits as soon as may be, beside the caller. */
  void hurry() {
    if (isAsked.compareAndSet(false, true)) {
      timer.execute(
          () -> {
            isAsked.set(false);
            commit();
          });
    }
  }

  private void commit() {
    if (live.isBroken()) {
      return; // whoever flushes is told
    }
    try {
      live.commit();
    } catch (IOException | RuntimeException e) {
      log.error("{}: commit failed: {}", live, e.toString());
    }
  }

  /** Returns when no commit is under way any more. */
  void stop() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(1, TimeUnit.MINUTES)) {
        log.warn("{}: a commit is still under way", live);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
