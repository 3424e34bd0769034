package io.lamina.graph;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container that is to be written down.
 *
 * @param id its id
 * @param config what its {@code config.json} or {@code config.v2.json} is to hold
 * @param hostConfig what its {@code hostconfig.json} is to hold
 * @param driverId what the storage driver calls its own layer
 * @param initDriverId what the driver calls the layer below, which has docker's empty files
 * @param parent the layer of its image; null where that has none
 */
public record NewContainer(
    Id id,
    Map<String, @Nullable Object> config,
    Map<String, @Nullable Object> hostConfig,
    String driverId,
    String initDriverId,
    @Nullable Id parent) {
  private static final String INIT = "-init";

  /**
   * A container of an image, to be.
   *
   * @param imageName what the image was called by who wants the container
   * @param name its name; null for any that is free
   * @throws IOException with docker's words, when the name cannot be had
   * @throws NotFoundException when it is not said what the container runs
   */
  public static NewContainer of(
      DockerStore store,
      ImageRecord image,
      String imageName,
      @Nullable String name,
      ContainerOptions options)
      throws IOException {
    Id id = Id.random();
    String driverId = store.isOld() ? id.hex() : Id.random().hex();
    NamedContainer named =
        new NamedContainer(id, ContainerNames.choose(store, name), Instant.now());
    List<LayerRecord> layers = image.layers();
    @Nullable Id parent = layers.isEmpty() ? null : layers.get(layers.size() - 1).id();
    return new NewContainer(
        id,
        ContainerConfig.of(store, image, imageName, named, options),
        HostConfig.usual(store.isOld()),
        driverId,
        driverId + INIT,
        store.isOld() ? Id.random(image.id().hex()) : parent);
  }
}
