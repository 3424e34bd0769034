package io.lamina.graph;

import java.time.Instant;

/**
 * Which container is to be made.
 *
 * @param id its id
 * @param name its name, without slash
 * @param created when
 */
record NamedContainer(Id id, String name, Instant created) {}
