package io.lamina.layer;

import io.lamina.graph.ContainerLayers;
import io.lamina.graph.DockerStore;
import io.lamina.graph.DockerStore.TopLayer;
import io.lamina.graph.Id;
import io.lamina.graph.NotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the layers, images and containers of a docker root are called, and what they are made of.
 *
 * <p>An image goes by its id, without {@code sha256:}; a container by its id, and with {@code
 * -init} for the layer below its own. A layer goes by what the storage driver calls it: before
 * docker 1.10 that is its own id, or that of its image; since then its {@code cache-id}.
 */
final class LayerIndex {
  private static final Logger LOG = LoggerFactory.getLogger(LayerIndex.class);
  private static final String INIT = "-init";

  private final DockerStore store;
  private final SortedMap<String, Source> sources = new TreeMap<>();
  private final Set<String> driverIds = new HashSet<>();
  private final Set<String> containerDriverIds = new HashSet<>();

  /** What is wrong with records that a list goes without: told once, to who asks for a list. */
  private final Map<String, String> leftOut = new LinkedHashMap<>();

  private final Set<String> told = new HashSet<>();

  /** Where a stack comes from. */
  private interface Source {
    LayerStack stack() throws IOException;
  }

  private LayerIndex(DockerStore store) {
    this.store = store;
  }

  static LayerIndex of(DockerStore store) throws IOException {
    LayerIndex index = new LayerIndex(store);
    for (Map.Entry<String, TopLayer> stack : store.stacks(index::leftOut).entrySet()) {
      String name = stack.getKey();
      index.driverIds.add(name); // an image's too: before docker 1.10 the two are the same
      index.sources.put(name, () -> LayerStack.ofImage(store, name, stack.getValue().find()));
    }
    for (Id id : store.containerIds()) {
      index.addContainer(id);
    }
    return index;
  }

  private void leftOut(String what, IOException damage) {
    leftOut.putIfAbsent(what, String.valueOf(damage.getMessage()));
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
      leftOut("container " + id.truncated(), e);
    }
  }

  /** The layers of a container's image. */
  private List<Layer> image(Id container) throws IOException {
    return LayerStack.ofImage(store, "", store.topLayerBelow(container)).layers();
  }

  /** All that has a name here, sorted. What is damaged is not among them, and told of. */
  List<String> ids() {
    tell();
    return List.copyOf(sources.keySet());
  }

  private void tell() {
    for (Map.Entry<String, String> damage : leftOut.entrySet()) {
      if (told.add(damage.getKey())) {
        LOG.warn("{}: {}", damage.getKey(), damage.getValue());
      }
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

  /** The ids of images, with how docker counted their own layer. */
  Map<String, Long> sizes() throws IOException {
    Map<String, Long> sizes = store.sizes(this::leftOut);
    tell();
    return sizes;
  }
}
