package io.lamina.graph;

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
    @Nullable Id parent) {}
