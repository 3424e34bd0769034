package io.lamina.layer;

import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.RecordWriter;
import java.io.IOException;
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
    return LayerStack.ofImage(store, top == null ? "" : top.hex(), top);
  }

  /** Notes a layer that is to be made, and takes away what a cut has left under its name. */
  void begin(String driverId) throws IOException {
    unfinished.note(driverId);
    driver.remove(driverId);
  }
}
