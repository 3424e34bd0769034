package io.lamina.layer;

import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An image, a container or a layer with all that lies below. What lies below is read when it is
 * first asked for: a device needs only its own layer to be shown, however many it was made of.
 *
 * <p>Safe for use by many threads.
 */
public final class LayerStack {
  private final String id;
  private final boolean isContainer;
  private final List<Layer> known;
  private final Rest rest;
  private volatile @Nullable List<Layer> all;

  /** Finds the layers of a stack that are not known yet, the nearest first. */
  interface Rest {
    /** There are no others. */
    Rest NONE = List::of;

    /** Finds them. */
    List<Layer> find() throws IOException;
  }

  /**
   * A stack of layers that are known.
   *
   * @param id what it is shown as
   * @param isContainer whether it is a container's own, which docker lets be written to
   * @param layers the topmost first; none for an image without a layer
   */
  public LayerStack(String id, boolean isContainer, List<Layer> layers) {
    this(id, isContainer, layers, Rest.NONE);
  }

  /**
   * The same on top of others.
   *
   * @param known the topmost ones, one at least where there are any
   * @param rest those below them
   */
  LayerStack(String id, boolean isContainer, List<Layer> known, Rest rest) {
    this.id = id;
    this.isContainer = isContainer;
    this.known = List.copyOf(known);
    this.rest = rest;
  }

  /**
   * A layer of an image with all below it.
   *
   * @param top the layer's id; null for nothing
   */
  static LayerStack ofImage(DockerStore store, String id, @Nullable Id top) throws IOException {
    if (top == null) {
      return new LayerStack(id, false, List.of());
    }
    Layer own = ofImage(store.driverId(top));
    Rest below = () -> store.driverIdsBelow(top).stream().map(LayerStack::ofImage).toList();
    return new LayerStack(id, false, List.of(own), below);
  }

  /** An image's layer goes by what the storage driver calls it. */
  private static Layer ofImage(String driverId) {
    return new Layer(driverId, driverId);
  }

  /** What it is shown as. */
  public String id() {
    return id;
  }

  /** Whether it is a container's own, which docker lets be written to. */
  public boolean isContainer() {
    return isContainer;
  }

  /** Its own layer; none for an image without one. */
  public Optional<Layer> top() {
    return known.stream().findFirst();
  }

  /** All of them, the topmost first; none for an image without a layer. */
  public List<Layer> layers() throws IOException {
    @Nullable List<Layer> found = all;
    if (found == null) {
      List<Layer> whole = new ArrayList<>(known);
      whole.addAll(rest.find());
      found = List.copyOf(whole);
      all = found;
    }
    return found;
  }

  /** The layers below its own, the nearest first. */
  public List<Layer> below() throws IOException {
    List<Layer> layers = layers();
    return layers.isEmpty() ? layers : layers.subList(1, layers.size());
  }

  /** The same with one more layer on top. */
  LayerStack under(Layer layer) {
    return new LayerStack(id, isContainer, List.of(layer), this::layers);
  }

  /** All but its own layer. */
  public LayerStack parent() throws IOException {
    return new LayerStack(id, false, below());
  }
}
