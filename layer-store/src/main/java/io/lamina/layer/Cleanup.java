package io.lamina.layer;

import io.lamina.graph.ContainerRecord;
import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes away layers that were being made, and that no image and no container has. */
final class Cleanup {
  private static final Logger LOG = LoggerFactory.getLogger(Cleanup.class);

  private final RootParts root;

  Cleanup(RootParts root) {
    this.root = root;
  }

  void run() throws IOException {
    List<String> noted = root.unfinished().all();
    if (!noted.isEmpty()) {
      List<String> going = new ArrayList<>(noted);
      going.removeAll(used());
      remove(going);
      root.layers().changed();
    }
    for (String driverId : noted) {
      root.unfinished().strike(driverId);
    }
  }

  /**
   * Takes away these layers of the storage driver, with their records where they have any: a layer
   * before the one that it lies on.
   */
  private void remove(List<String> driverIds) throws IOException {
    Map<String, LayerRecord> written = new HashMap<>();
    Map<String, Integer> depths = new HashMap<>();
    for (LayerRecord layer : root.store().plainLayers()) {
      if (driverIds.contains(layer.driverId())) {
        written.put(layer.driverId(), layer);
        depths.put(layer.driverId(), root.store().layersTo(layer.id()).size());
      }
    }
    Comparator<String> byDepth = Comparator.comparing(name -> depths.getOrDefault(name, 0));
    for (String driverId : driverIds.stream().sorted(byDepth.reversed()).toList()) {
      LOG.info("{}: layer {}: belongs to nobody, and is removed", root.store().root(), driverId);
      @Nullable LayerRecord layer = written.get(driverId);
      if (layer != null) {
        root.records().removeLayer(layer.id());
      }
      root.driver().remove(driverId);
    }
  }

  /** What the storage driver calls the layers that images and containers have. */
  Set<String> used() throws IOException {
    Set<String> used = new HashSet<>();
    for (Id id : root.store().imageIds()) {
      root.records().imageDriverId(id).ifPresent(used::add);
      root.store().image(id).layers().forEach(layer -> used.add(layer.driverId()));
    }
    for (Id id : root.store().containerIds()) {
      ContainerRecord container = root.store().container(id);
      used.add(container.driverId());
      if (container.initDriverId() != null) {
        used.add(container.initDriverId());
      }
      root.store().layersTo(container.parent()).forEach(layer -> used.add(layer.driverId()));
    }
    return used;
  }

  /**
   * Takes away the layers of an image that is gone, as far as nobody else has them: the topmost
   * first.
   *
   * @param layers the lowest first
   * @return those that went
   */
  List<LayerRecord> removeUnused(List<LayerRecord> layers) throws IOException {
    Set<String> used = used();
    List<LayerRecord> removed = new ArrayList<>();
    for (int i = layers.size() - 1; i >= 0 && !used.contains(layers.get(i).driverId()); i--) {
      LayerRecord layer = layers.get(i);
      root.unfinished().note(layer.driverId());
      root.records().removeLayer(layer.id());
      root.driver().remove(layer.driverId());
      root.unfinished().strike(layer.driverId());
      removed.add(layer);
    }
    return removed;
  }
}
