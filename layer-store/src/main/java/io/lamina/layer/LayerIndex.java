package io.lamina.layer;

import io.lamina.graph.ContainerLayers;
import io.lamina.graph.DockerStore;
import io.lamina.graph.DockerStore.LeftOut;
import io.lamina.graph.DockerStore.TopLayer;
import io.lamina.graph.Id;
import io.lamina.graph.NotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the layers, images and containers of a docker root are called, and what they are made of.
 *
 * <p>An image goes by its id, without {@code sha256:}; a container by its id, and with {@code
 * -init} for the layer below its own. A layer goes by what the storage driver calls it: before
 * docker 1.10 that is its own id, or that of its image; since then its {@code cache-id}.
 */
final class LayerIndex {
  private static final String INIT = "-init";

  private final DockerStore store;
  private final SortedMap<String, Source> sources = new TreeMap<>();
  private final Set<String> driverIds = new HashSet<>();
  private final Set<String> containerDriverIds = new HashSet<>();

  /** What is wrong with records that no list has. */
  private final Map<String, IOException> leftOut = new LinkedHashMap<>();

  /** The same of containers, by their ids. */
  private final Map<String, IOException> damaged = new HashMap<>();

  /** Where a stack comes from. */
  private interface Source {
    LayerStack stack() throws IOException;
  }

  private LayerIndex(DockerStore store) {
    this.store = store;
  }

  static LayerIndex of(DockerStore store) throws IOException {
    LayerIndex index = new LayerIndex(store);
    for (Map.Entry<String, TopLayer> stack : store.stacks(index.leftOut::put).entrySet()) {
      String name = stack.getKey();
      index.driverIds.add(name); // an image's too: before docker 1.10 the two are the same
      index.sources.put(name, () -> LayerStack.ofImage(store, name, stack.getValue().find()));
    }
    for (Id id : store.containerIds()) {
      index.addContainer(id);
    }
    return index;
  }

  private void addContainer(Id id) {
    try {
      ContainerLayers own = store.containerLayers(id);
      String name = id.hex();
      Layer top = new Layer(name, own.driverId());
      List<Layer> layers = new ArrayList<>(List.of(top));
      driverIds.add(top.driverId());
      containerDriverIds.add(top.driverId());
      if (own.initDriverId() != null) {
        Layer init = new Layer(name + INIT, own.initDriverId());
        driverIds.add(init.driverId());
        layers.add(init);
        sources.put(
            init.id(), () -> new LayerStack(init.id(), false, List.of(init), () -> image(id)));
      }
      sources.put(name, () -> new LayerStack(name, true, layers, () -> image(id)));
    } catch (IOException e) {
      leftOut.put("container " + id.truncated(), e);
      damaged.put(id.hex(), e);
    }
  }

  /** The layers of a container's image. */
  private List<Layer> image(Id container) throws IOException {
    return LayerStack.ofImage(store, "", store.topLayerBelow(container)).layers();
  }

  /** All that has a name here, sorted. */
  List<String> ids() {
    return List.copyOf(sources.keySet());
  }

  /** Tells of what is not among them, because its record is damaged. */
  void tellLeftOut(LeftOut listener) throws IOException {
    for (Map.Entry<String, IOException> damage : leftOut.entrySet()) {
      listener.because(damage.getKey(), damage.getValue());
    }
  }

  Set<String> driverIds() {
    return Set.copyOf(driverIds);
  }

  Set<String> containerDriverIds() {
    return Set.copyOf(containerDriverIds);
  }

  boolean has(String id) {
    return sources.containsKey(id);
  }

  LayerStack stack(String id) throws IOException {
    @Nullable Source source = sources.get(id);
    @Nullable IOException damage = damaged.get(id);
    if (damage != null) {
      throw new IOException("container " + id + ": " + damage.getMessage(), damage);
    }
    if (source == null) {
      throw new NotFoundException("No such layer: " + id);
    }
    return source.stack();
  }

  /** What somebody means by a name: a container first, then an image, then a layer. */
  LayerStack find(String text) throws IOException {
    if (has(text)) {
      return stack(text);
    }
    NotFoundException said;
    try {
      return stack(store.findContainer(text).hex());
    } catch (NotFoundException e) {
      said = e;
    }
    try {
      return stack(store.findImage(text).hex());
    } catch (NotFoundException e) {
      boolean isAmbiguous = !String.valueOf(e.getMessage()).startsWith("No such");
      said = isAmbiguous ? e : said;
    }
    List<String> meant =
        sources.keySet().stream().filter(id -> !text.isEmpty() && id.startsWith(text)).toList();
    if (meant.size() == 1) {
      return stack(meant.get(0));
    }
    throw String.valueOf(said.getMessage()).startsWith("No such")
        ? new NotFoundException("No such container, image or layer: " + text)
        : said;
  }

  /** What the driver calls layers of images, with how docker counted their bytes. */
  Map<String, Long> sizes(LeftOut damagedSizes) throws IOException {
    return store.sizes(damagedSizes);
  }
}
