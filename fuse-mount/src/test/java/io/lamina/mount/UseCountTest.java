package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class UseCountTest {
  private final UseCount count = new UseCount();

  @Test
  void whoIsJustClosingIsWaitedFor() throws Exception {
    count.increment();
    count.increment();
    Thread waiting = new Thread(() -> count.awaitZero(Duration.ofMinutes(5)));
    waiting.start();
    Await.until("it waits", () -> waiting.getState() == Thread.State.TIMED_WAITING);
    count.decrement();
    assertThat(count.isZero()).isFalse();
    Await.until("it waits again", () -> waiting.getState() == Thread.State.TIMED_WAITING);
    count.decrement();
    waiting.join();
    assertThat(count.isZero()).isTrue();
  }

  @Test
  void whoStaysIsNotWaitedForForEver() {
    count.increment();
    count.awaitZero(Duration.ofMillis(1));
    assertThat(count.isZero()).isFalse();
  }
}
