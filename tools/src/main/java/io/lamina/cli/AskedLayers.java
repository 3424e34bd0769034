package io.lamina.cli;

import io.lamina.layer.DockerLayers;
import io.lamina.layer.Layer;
import io.lamina.layer.LayerStack;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The layers that a command is to tell of. */
final class AskedLayers {
  private AskedLayers() {}

  /**
   * Those of one image or container, the topmost first; or, where none is named, each of the root
   * once, by its own name. A damaged one is complained of, and left out.
   *
   * @return each layer on top of those below it
   */
  static List<LayerStack> of(DockerLayers layers, @Nullable String name, Console console)
      throws IOException {
    List<LayerStack> stacks = new ArrayList<>();
    if (name != null) {
      LayerStack at = layers.find(Text.decoded(name));
      while (!at.layers().isEmpty()) {
        stacks.add(at);
        at = at.parent();
      }
      return stacks;
    }
    layers.tellLeftOut(console::failed);
    for (String id : layers.ids()) {
      try {
        LayerStack stack = layers.stack(id);
        // An image goes by the name of its topmost layer.
        List<Layer> all = stack.layers(); // read here, where a damaged one is left out
        if (!all.isEmpty() && all.get(0).id().equals(id)) {
          stacks.add(stack);
        }
      } catch (IOException e) {
        console.failed("layer " + id, e);
      }
    }
    return stacks;
  }
}
