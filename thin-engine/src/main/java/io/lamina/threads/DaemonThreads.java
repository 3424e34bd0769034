package io.lamina.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Makes threads that have a name and keep no process from ending, and what hands them work. */
public final class DaemonThreads {
  private DaemonThreads() {}

  /** A thread that is yet to be started. */
  public static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Makes threads that are all called the same. */
  public static ThreadFactory named(String name) {
    return work -> thread(name, work);
  }

  /** Takes any amount of work; its threads end when they have had none for a while. */
  public static Executor pool(String name, int threadCount, long idleSeconds) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            idleSeconds,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Does work at its time; what is cancelled before is forgotten at once. */
  public static ScheduledThreadPoolExecutor timer(String name, int threadCount) {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(threadCount, named(name));
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }
}
