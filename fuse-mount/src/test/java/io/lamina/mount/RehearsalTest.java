package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class RehearsalTest {
  @Test
  void everyRequestOfTheRehearsalIsAnswered() {
    assertThatCode(() -> Rehearsal.run(() -> {})).doesNotThrowAnyException();
  }
}
