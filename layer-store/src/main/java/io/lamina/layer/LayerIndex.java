package io.lamina.layer;

import io.lamina.graph.ContainerRecord;
import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.NotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
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

  /** Where a stack comes from. */
  private interface Source {
    LayerStack stack() throws IOException;
  }

  private LayerIndex(DockerStore store) {
    this.store = store;
  }

  static LayerIndex of(DockerStore store) throws IOException {
    LayerIndex index = new LayerIndex(store);
    index.addLayers();
    for (Id id : store.imageIds()) {
      String name = id.hex();
      index.driverIds.add(name); // before docker 1.10
      index.sources.put(
          name, () -> new LayerStack(name, false, topFirst(store.image(id).layers())));
    }
    for (Id id : store.containerIds()) {
      index.addContainer(id);
    }
    return index;
  }

  private void addLayers() throws IOException {
    for (LayerRecord layer : store.plainLayers()) {
      String name = layer.driverId();
      driverIds.add(name);
      sources.put(name, () -> new LayerStack(name, false, topFirst(store.layersTo(layer.id()))));
    }
  }

  private void addContainer(Id id) {
    try {
      ContainerRecord container = store.container(id);
      String name = id.hex();
      sources.put(name, () -> stack(container, false));
      driverIds.add(container.driverId());
      containerDriverIds.add(container.driverId());
      if (container.initDriverId() != null) {
        driverIds.add(container.initDriverId());
        sources.put(name + INIT, () -> stack(container, true));
      }
    } catch (IOException e) {
      LOG.warn("container {}: {}", id.truncated(), e.getMessage());
    }
  }

  private LayerStack stack(ContainerRecord container, boolean isInit) throws IOException {
    String name = container.id().hex();
    List<Layer> layers = new ArrayList<>();
    if (!isInit) {
      layers.add(new Layer(name, container.driverId()));
    }
    @Nullable String init = container.initDriverId();
    if (init != null) {
      layers.add(new Layer(name + INIT, init));
    }
    layers.addAll(topFirst(store.layersTo(container.parent())));
    return new LayerStack(isInit ? name + INIT : name, !isInit, layers);
  }

  private static List<Layer> topFirst(List<LayerRecord> lowestFirst) {
    List<Layer> layers = new ArrayList<>();
    lowestFirst.forEach(layer -> layers.add(new Layer(layer.driverId(), layer.driverId())));
    Collections.reverse(layers);
    return layers;
  }

  /** All that has a name here, sorted. */
  List<String> ids() {
    return List.copyOf(sources.keySet());
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
    Map<String, Long> sizes = new TreeMap<>();
    for (LayerRecord layer : store.layers()) {
      sizes.put(layer.driverId(), layer.size());
    }
    return sizes;
  }
}
