package io.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Who is held up is looked for all the time, while requests take about as long as a moment. */
class ReceiversRaceTest {
  private static final int THREAD_COUNT = 4;
  private static final int ASKER_COUNT = 3;
  private static final int REQUEST_COUNT = Integer.getInteger("lamina.rounds", 20_000);
  private static final int MOST_MICROS = 20;
  private static final long PATIENCE_SECONDS = 60;

  private record Asked(boolean waits, long nanos, CompletableFuture<Boolean> answered) {}

  private final Receivers receivers = new Receivers(0);
  private final BlockingQueue<Asked> requests = new LinkedBlockingQueue<>();
  private final AtomicBoolean over = new AtomicBoolean();

  private Void answer() throws InterruptedException {
    Receivers.Receiver receiver = receivers.join();
    while (!over.get()) {
      Asked asked = requests.poll(1, TimeUnit.MILLISECONDS);
      if (asked != null) {
        receiver.begin(asked.waits());
        spin(asked.nanos());
        asked.answered().complete(true);
        receiver.end();
      }
    }
    receivers.end();
    return null;
  }

  private static void spin(long nanos) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < nanos) {
      Thread.onSpinWait();
    }
  }

  private Void ask(Random random) throws Exception {
    for (int i = 0; i < REQUEST_COUNT; i++) {
      long nanos = random.nextInt(100) == 0 ? 300_000 : random.nextInt(MOST_MICROS) * 1000L;
      Asked asked = new Asked(random.nextInt(20) == 0, nanos, new CompletableFuture<>());
      requests.add(asked);
      assertThat(asked.answered().get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
      LockSupport.parkNanos(random.nextInt(3) == 0 ? 1 : 0);
    }
    return null;
  }

  @Test
  void everyRequestIsAnswered() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<Future<?>> answering = new ArrayList<>();
    List<Future<?>> asking = new ArrayList<>();
    for (int i = 0; i < THREAD_COUNT; i++) {
      answering.add(threads.submit(this::answer));
    }
    for (int i = 0; i < ASKER_COUNT; i++) {
      Random random = new Random(i);
      asking.add(threads.submit(() -> ask(random)));
    }
    threads.shutdown();
    try {
      for (Future<?> asker : asking) {
        asker.get();
      }
    } finally {
      over.set(true);
      receivers.end();
    }
    for (Future<?> thread : answering) {
      thread.get();
    }
  }
}
