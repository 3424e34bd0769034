package io.lamina.graph;

import org.jspecify.annotations.Nullable;

/**
 * What the storage driver calls the layers that a container was made with, on top of its image's.
 *
 * @param driverId its own layer
 * @param initDriverId the layer below, which has docker's empty files; null where there is none
 */
public record ContainerLayers(String driverId, @Nullable String initDriverId) {}
