package io.lamina.graph;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The history of an image since docker 1.10, which its config tells. */
final class ConfigHistory {
  private ConfigHistory() {}

  /** The last step first. */
  static List<HistoryEntry> of(DockerStore store, ImageRecord image) throws IOException {
    List<HistoryEntry> history = new ArrayList<>();
    int layer = 0;
    for (JsonObject step : image.json().objects("history")) {
      long size = 0;
      if (!step.flag("empty_layer")) {
        if (layer == image.layers().size()) {
          throw new IOException(
              image.json() + ": history: has more steps with a layer than the image has layers");
        }
        size = image.layers().get(layer++).size();
      }
      history.add(
          new HistoryEntry(
              null, step.time("created"), step.text("created_by"), size, step.text("comment")));
    }
    Collections.reverse(history);
    nameImages(store, image, history);
    return history;
  }

  /** Docker takes it that each image was made from its parent in one step. */
  private static void nameImages(DockerStore store, ImageRecord image, List<HistoryEntry> history)
      throws IOException {
    @Nullable Id id = image.id();
    for (int i = 0; i < history.size() && id != null && store.hasImage(id); i++) {
      HistoryEntry step = history.get(i);
      history.set(
          i, new HistoryEntry(id, step.created(), step.createdBy(), step.size(), step.comment()));
      id = i == 0 ? image.parent() : store.image(id).parent();
    }
  }
}
