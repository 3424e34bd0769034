package io.lamina.graph;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants of a new container that its image does not say.
 *
 * @param command what it runs; none for the image's own
 * @param entrypoint what comes before the command; null for the image's own, empty for none
 * @param environment {@code NAME=VALUE} each
 * @param user null for the image's own
 * @param workingDirectory null for the image's own
 * @param labels beside the image's
 */
public record ContainerOptions(
    List<String> command,
    @Nullable String entrypoint,
    List<String> environment,
    @Nullable String user,
    @Nullable String workingDirectory,
    Map<String, String> labels) {
  /** All is as the image says. */
  public static final ContainerOptions NONE =
      new ContainerOptions(List.of(), null, List.of(), null, null, Map.of());
}
