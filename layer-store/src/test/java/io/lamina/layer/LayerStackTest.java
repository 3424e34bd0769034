package io.lamina.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LayerStackTest {
  private static final Layer TOP = new Layer("top", "top");
  private static final Layer MIDDLE = new Layer("middle", "middle");
  private static final Layer LOWEST = new Layer("lowest", "lowest");

  @Test
  void whatLiesBelowIsReadOnceAndNotForTheTopmostLayer() throws IOException {
    AtomicInteger reads = new AtomicInteger();
    LayerStack stack =
        new LayerStack(
            "top",
            true,
            List.of(TOP),
            () -> {
              reads.incrementAndGet();
              return List.of(MIDDLE, LOWEST);
            });
    LayerStack higher = stack.under(new Layer("new", "new"));
    assertThat(stack.top()).contains(TOP);
    assertThat(higher.top()).contains(new Layer("new", "new"));
    assertThat(reads).hasValue(0);
    assertThat(stack.layers()).containsExactly(TOP, MIDDLE, LOWEST);
    assertThat(stack.below()).containsExactly(MIDDLE, LOWEST);
    assertThat(stack.parent().parent().layers()).containsExactly(LOWEST);
    assertThat(higher.below()).isEqualTo(stack.layers());
    assertThat(reads).hasValue(1);
  }

  @Test
  void aDamagedRecordBelowLeavesTheTopmostLayerToBeHad() {
    LayerStack stack =
        new LayerStack(
            "top",
            false,
            List.of(TOP),
            () -> {
              throw new IOException("damaged");
            });
    assertThat(stack.top()).contains(TOP);
    assertThatThrownBy(stack::below).hasMessage("damaged");
  }
}
