package io.lamina.layer;

import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.RecordWriter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a docker root that is changed is made of.
 *
 * @param store its records, to be read
 * @param records the same, to be changed
 * @param driver its layers, to be changed
 * @param layers the same, to be read
 * @param unfinished layers that nobody has yet
 */
record RootParts(
    DockerStore store,
    RecordWriter records,
    WritableDriver driver,
    DockerLayers layers,
    Unfinished unfinished) {
  /** A layer with all that lies below it, by its id; null for nothing. */
  LayerStack stack(@Nullable Id top) throws IOException {
    List<Layer> all = new ArrayList<>();
    for (LayerRecord layer : store.layersTo(top)) {
      all.add(new Layer(layer.driverId(), layer.driverId()));
    }
    Collections.reverse(all);
    return new LayerStack(top == null ? "" : top.hex(), false, all);
  }

  /** Notes a layer that is to be made, and takes away what a cut has left under its name. */
  void begin(String driverId) throws IOException {
    unfinished.note(driverId);
    driver.remove(driverId);
  }
}
