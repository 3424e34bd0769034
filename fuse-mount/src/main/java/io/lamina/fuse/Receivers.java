package io.lamina.fuse;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.lamina.threads.DaemonThreads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Which of a mount's threads waits for the next request: one at a time. The kernel wakes waiting
 * threads in turn, so that of several each would find the processor and its caches as another left
 * them: a request takes twice as long then.
 *
 * <p>The others rest until the one is held up: by a request that is known to wait for a disk, or,
 * as is found out after a moment, by any other. Who was held up rests in turn when he comes back.
 */
final class Receivers {
  /** How long a request may take before somebody else receives the next, at the least. */
  private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  /** Where answers take longer, as from a disk, somebody else receives meanwhile. */
  private static final long SLOW_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  /** Of how many answers the usual time is told, the last ones weighing most. */
  private static final int USUAL_COUNT = 32;

  /** For how many moments nothing was asked before nobody looks any more. */
  private static final int QUIET_MOMENTS = 50;

  /** In place of the moment of a request: a receiver has none. */
  private static final long IDLE = 0;

  /** In place of it: it does not count among those who receive, whatever it does. */
  private static final long AWAY = -1;

  private final long momentNanos;
  private final Thread looking = DaemonThreads.thread("fuse-looking", this::look);

  @GuardedBy("this")
  private final List<Receiver> all = new ArrayList<>();

  @GuardedBy("this")
  private final Deque<Receiver> resting = new ArrayDeque<>();

  /** How many wait for a request, or answer one and are not held up. */
  @GuardedBy("this")
  private int receivingCount;

  /** How long answers took of late; nobody minds that threads overwrite each other's figure. */
  private final AtomicLong usualNanos = new AtomicLong();

  private volatile boolean looksAway;
  private volatile boolean over;

  Receivers() {
    this(MOMENT_NANOS);
  }

  /** With a moment of another length. */
  Receivers(long momentNanos) {
    this.momentNanos = momentNanos;
  }

  /** One thread's part. Its methods are for that thread. */
  final class Receiver {
    private final Thread thread = Thread.currentThread();

    /** When it took up the request that it answers, {@link #IDLE} or {@link #AWAY}. */
    private final AtomicLong since = new AtomicLong(AWAY);

    /** What that was when somebody looked last. */
    private long seen;

    /** As {@link #since}, while it is away too. */
    private long began;

    private volatile boolean rests;

    /**
     * A request has come.
     *
     * @param waits whether its answer is known to take long
     */
    void begin(boolean waits) {
      began = now();
      since.set(began);
      if (looksAway) {
        lookAgain();
      }
      if (waits || usualNanos.get() > SLOW_NANOS) {
        leave(this, began);
      }
    }

    /** It has been answered; returns when this thread is to receive the next one. */
    void end() {
      took(now() - began);
      if (since.getAndSet(IDLE) == AWAY) {
        take();
      }
    }

    private void take() {
      comeBack(this);
      while (rests && !over) {
        LockSupport.park(this);
      }
    }
  }

  /** A moment that is none of the states. */
  private static long now() {
    return (System.nanoTime() & Long.MAX_VALUE) | 1;
  }

  /** A thread that answers; returns when it is to receive. */
  Receiver join() {
    Receiver receiver = new Receiver();
    synchronized (this) {
      all.add(receiver);
      if (all.size() == 1) {
        looking.start();
      }
    }
    receiver.take();
    return receiver;
  }

  /** Lets all go on, to find that nothing comes any more. */
  synchronized void end() {
    over = true;
    resting.forEach(receiver -> LockSupport.unpark(receiver.thread));
    LockSupport.unpark(looking);
  }

  /** Counts no more on a receiver, if it is still at the request that it took up at a moment. */
  private synchronized void leave(Receiver receiver, long moment) {
    if (receiver.since.compareAndSet(moment, AWAY)) {
      receivingCount--;
      standIn();
    }
  }

  @GuardedBy("this")
  private void standIn() {
    Receiver next = receivingCount > 0 ? null : resting.poll();
    if (next != null) {
      receivingCount++;
      next.rests = false;
      LockSupport.unpark(next.thread);
    }
  }

  private synchronized void comeBack(Receiver receiver) {
    if (receivingCount == 0) {
      receivingCount++;
    } else {
      receiver.rests = true;
      resting.push(receiver);
    }
  }

  private void took(long nanos) {
    long usual = usualNanos.get();
    usualNanos.lazySet(usual + (nanos - usual) / USUAL_COUNT);
  }

  private void lookAgain() {
    looksAway = false;
    LockSupport.unpark(looking);
  }

  /** Looks now and then, while something is asked, whether somebody is held up. */
  private void look() {
    int quietMoments = 0;
    while (!over) {
      LockSupport.parkNanos(this, momentNanos);
      try {
        quietMoments = isAnythingAsked() ? 0 : quietMoments + 1;
      } catch (OutOfMemoryError e) {
        quietMoments = 0; // then the next time
      }
      if (quietMoments > QUIET_MOMENTS) {
        lookAway();
      }
    }
  }

  /** Who begins afterwards sees that nobody looks; who began before is seen here. */
  private void lookAway() {
    looksAway = true;

    if (isAnythingAsked()) {
      looksAway = false;
    }
    while (looksAway && !over) {
      LockSupport.park(this);
    }
  }

  private synchronized boolean isAnythingAsked() {
    boolean asked = false;
    for (Receiver receiver : all) {
      long since = receiver.since.get();
      if (since != IDLE && since != AWAY) {
        asked = true;
        if (since == receiver.seen) {
          leave(receiver, since);
        }
      }
      receiver.seen = since;
    }
    return asked;
  }
}
