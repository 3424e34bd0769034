package io.lamina.layer;

import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Adds images to a root. */
final class ImageAddition {
  private final RootParts root;

  ImageAddition(RootParts root) {
    this.root = root;
  }

  Id add(byte[] config, @Nullable StoredLayer top, @Nullable Id madeFrom) throws IOException {
    Id id = Id.digestOf(config);
    if (!root.store().hasImage(id)) {
      Optional<String> own = root.records().imageDriverId(id);
      if (own.isPresent()) {
        root.begin(own.get());
        root.driver()
            .create(
                own.get(), root.stack(top == null ? null : top.id()), WritableDriver.Content.NONE);
      }
      root.records().addImage(config, top == null ? null : top.id(), madeFrom);
      if (own.isPresent()) {
        root.unfinished().strike(own.get());
      }
      root.layers().changed();
    }
    for (LayerRecord layer : root.store().image(id).layers()) {
      root.unfinished().strike(layer.driverId());
    }
    return id;
  }
}
