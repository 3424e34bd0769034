package io.lamina.graph;

import java.time.Instant;

/**
 * What a container was doing.
 *
 * @param health what its health check said last; empty where it has none
 * @param exitCode of its program, where it ended
 * @param startedAt {@link JsonObject#NEVER} where it never was
 * @param finishedAt {@link JsonObject#NEVER} where it never did
 */
public record ContainerState(
    boolean running,
    boolean paused,
    boolean restarting,
    boolean removalInProgress,
    boolean dead,
    String health,
    long exitCode,
    Instant startedAt,
    Instant finishedAt) {
  /** Docker's word for it, as {@code docker inspect} has it. */
  public String word() {
    if (running) {
      return paused ? "paused" : restarting ? "restarting" : "running";
    } else if (removalInProgress) {
      return "removing";
    } else if (dead) {
      return "dead";
    }
    return startedAt.equals(JsonObject.NEVER) ? "created" : "exited";
  }
}
