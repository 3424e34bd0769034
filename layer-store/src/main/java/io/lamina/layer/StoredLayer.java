package io.lamina.layer;

import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;

/**
 * A layer that a root has, and that images can be made with.
 *
 * @param record what is written down of it
 */
public record StoredLayer(LayerRecord record) {
  /** Its id in the root: not its chain id where the root's layout is the one before docker 1.10. */
  public Id id() {
    return record.id();
  }
}
