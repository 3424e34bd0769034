package io.lamina.layer;

import io.lamina.graph.ConflictException;
import io.lamina.graph.ContainerOptions;
import io.lamina.graph.ContainerRecord;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.NewContainer;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes and removes containers. */
final class Containers {
  private final RootParts root;

  Containers(RootParts root) {
    this.root = root;
  }

  Id create(String imageName, @Nullable String name, ContainerOptions options) throws IOException {
    ImageRecord image = root.store().image(root.store().findImage(imageName));
    NewContainer made = NewContainer.of(root.store(), image, imageName, name, options);
    LayerStack below = root.stack(made.parent());
    root.begin(made.initDriverId());
    root.begin(made.driverId());
    root.driver().createMerged(made.initDriverId(), below, (tree, top) -> InitLayer.write(top));
    root.driver().create(made.driverId(), onTop(made, below), WritableDriver.Content.NONE);
    root.records().addContainer(made);
    root.unfinished().strike(made.driverId());
    root.unfinished().strike(made.initDriverId());
    root.layers().changed();
    return made.id();
  }

  private static LayerStack onTop(NewContainer made, LayerStack below) {
    Layer init = new Layer(made.initDriverId(), made.initDriverId());
    return below.under(init);
  }

  /**
   * Removes a container.
   *
   * @param force whether one that docker left running goes, too
   */
  void remove(String text, boolean force) throws IOException {
    Id id = root.store().findContainer(text);
    ContainerRecord container = root.store().container(id);
    if (container.state().running() && !force) {
      throw new ConflictException(
          "You cannot remove a running container "
              + id
              + ". Stop the container before attempting removal or force remove");
    }
    root.driver().requireUnused(container.driverId());
    @Nullable String init = container.initDriverId();
    List<String> going =
        init == null ? List.of(container.driverId()) : List.of(container.driverId(), init);
    for (String driverId : going) {
      root.unfinished().note(driverId);
    }
    root.records().removeContainer(id);
    root.layers().changed();
    for (String driverId : going) {
      root.driver().remove(driverId);
      root.unfinished().strike(driverId);
    }
  }
}
