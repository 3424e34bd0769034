package io.lamina.graph;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A step of how an image came to be.
 *
 * @param image the image that it left; null where there is none of its own
 * @param created when
 * @param createdBy the command
 * @param size bytes of the layer it made, 0 where it made none
 * @param comment what its author said
 */
public record HistoryEntry(
    @Nullable Id image, Instant created, String createdBy, long size, String comment) {}
