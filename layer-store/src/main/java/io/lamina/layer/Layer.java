package io.lamina.layer;

/**
 * One layer of a stack.
 *
 * @param id what it is shown as: a container's id, maybe with {@code -init}, else the driver's
 * @param driverId what the storage driver calls it
 */
public record Layer(String id, String driverId) {}
