package io.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReceiversTest {
  private static final int THREAD_COUNT = 3;
  private static final Asked LAST = new Asked(false, () -> {});

  private record Asked(boolean waits, Answer answer) {}

  private interface Answer {
    void give() throws InterruptedException;
  }

  private final Receivers receivers = new Receivers();
  private final BlockingQueue<Asked> requests = new LinkedBlockingQueue<>();
  private final AtomicInteger receivingCount = new AtomicInteger();
  private final AtomicInteger answeredCount = new AtomicInteger();
  private final CountDownLatch held = new CountDownLatch(1);
  private final List<Thread> threads = new ArrayList<>();

  @BeforeEach
  void start() {
    for (int i = 0; i < THREAD_COUNT; i++) {
      Thread thread = new Thread(this::answer);
      threads.add(thread);
      thread.start();
    }
  }

  private void answer() {
    try {
      Receivers.Receiver receiver = receivers.join();
      while (true) {
        receivingCount.incrementAndGet();
        Asked asked = requests.take();
        receivingCount.decrementAndGet();
        if (asked.equals(LAST)) {
          requests.put(LAST);
          return;
        }
        receiver.begin(asked.waits());
        asked.answer().give();
        answeredCount.incrementAndGet();
        receiver.end();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      receivers.end();
    }
  }

  @AfterEach
  void everyThreadEndsWithTheFirst() throws Exception {
    held.countDown();
    requests.put(LAST);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void awaitReceiving(int count) throws Exception {
    Await.until(count + " receiving", () -> receivingCount.get() == count);
  }

  private void ask(boolean waits) {
    requests.add(new Asked(waits, held::await));
  }

  @Test
  void oneThreadReceivesAndTheOthersRest() throws Exception {
    Await.until(
        "the others rest",
        () ->
            threads.stream().filter(thread -> thread.getState() == Thread.State.WAITING).count()
                == THREAD_COUNT);
    assertThat(receivingCount).hasValue(1);
  }

  @Test
  void anotherReceivesWhileOneIsHeldUp() throws Exception {
    ask(false);
    awaitReceiving(1);
    requests.add(new Asked(false, () -> {}));
    Await.until("an answer beside the one that is held up", () -> answeredCount.get() == 1);
  }

  @Test
  void somebodyIsMissedAfterALongQuiet() throws Exception {
    awaitReceiving(1);
    Thread.sleep(1000); // nobody looks any more
    anotherReceivesWhileOneIsHeldUp();
  }

  @Test
  void anotherReceivesBeforeARequestThatWaitsIsAnswered() throws Exception {
    CountDownLatch next = new CountDownLatch(1);
    requests.add(new Asked(true, next::await));
    requests.add(new Asked(false, next::countDown));
    Await.until("both answered", () -> answeredCount.get() == 2);
    awaitReceiving(1);
  }

  @Test
  void whoWasHeldUpReceivesAgainWhenNobodyElseDoes() throws Exception {
    for (int i = 0; i < THREAD_COUNT; i++) {
      ask(i == 0);
    }
    Await.until("all held up", requests::isEmpty);
    requests.add(new Asked(false, () -> {}));
    held.countDown();
    Await.until("all answered", () -> answeredCount.get() == THREAD_COUNT + 1);
    awaitReceiving(1);
  }

  @Test
  void manyRequestsAreAllAnsweredWhateverHoldsThemUp() throws Exception {
    int count = 2000;
    for (int i = 0; i < count; i++) {
      int nr = i;
      requests.add(new Asked(i % 7 == 0, () -> Thread.sleep(nr % 100 == 0 ? 20 : 0)));
    }
    Await.until("all answered", () -> answeredCount.get() == count);
    awaitReceiving(1);
  }
}
