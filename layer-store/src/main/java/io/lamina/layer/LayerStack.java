package io.lamina.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An image, a container or a layer with all that lies below.
 *
 * @param id what it is shown as
 * @param isContainer whether it is a container's own, which docker lets be written to
 * @param layers the topmost first; none for an image without a layer
 */
public record LayerStack(String id, boolean isContainer, List<Layer> layers) {
  /** Keeps a copy of the list. */
  public LayerStack {
    layers = List.copyOf(layers);
  }

  /** Its own layer. */
  public Optional<Layer> top() {
    return layers.stream().findFirst();
  }

  /** The layers below its own, the nearest first. */
  public List<Layer> below() {
    return layers.isEmpty() ? layers : layers.subList(1, layers.size());
  }

  /** The same with one more layer on top. */
  LayerStack under(Layer layer) {
    List<Layer> all = new ArrayList<>(layers);
    all.add(0, layer);
    return new LayerStack(id, isContainer, all);
  }

  /** All but its own layer. */
  public LayerStack parent() {
    return new LayerStack(id, false, below());
  }
}
