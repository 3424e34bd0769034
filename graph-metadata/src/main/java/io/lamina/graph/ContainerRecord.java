package io.lamina.graph;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A container as docker wrote it down.
 *
 * @param id its id
 * @param config its {@code config.json} or {@code config.v2.json}, every field of it
 * @param hostConfig its {@code hostconfig.json}; empty where there is none
 * @param layers what the storage driver calls the layers that it was made with
 * @param parent the layer of its image; null where that has none
 * @param madeFrom its image; null where it does not say
 */
public record ContainerRecord(
    Id id,
    JsonObject config,
    JsonObject hostConfig,
    ContainerLayers layers,
    @Nullable Id parent,
    @Nullable Id madeFrom) {
  /** What the storage driver calls its own layer. */
  public String driverId() {
    return layers.driverId();
  }

  /** What it calls the layer below, which has docker's empty files; null where there is none. */
  public @Nullable String initDriverId() {
    return layers.initDriverId();
  }

  /** Its name, without the slash that docker puts before it. */
  public String name() throws IOException {
    return name(config.text("Name"));
  }

  /** A name as docker writes it down, without its slash. */
  static String name(String written) {
    return written.startsWith("/") ? written.substring(1) : written;
  }

  /** When it was made. */
  public Instant created() throws IOException {
    return config.time("Created");
  }

  /** The image it was made from. */
  public Id image() throws IOException {
    return madeFrom == null ? Id.parse(config + ": Image", config.text("Image")) : madeFrom;
  }

  /** What its image was called when it was made. */
  public String imageName() throws IOException {
    return config.object("Config").text("Image");
  }

  /** The program it runs. */
  public String path() throws IOException {
    return config.text("Path");
  }

  /** The arguments of its program. */
  public List<String> arguments() throws IOException {
    return config.texts("Args");
  }

  /** The ports it offers, in no order; a container that was never started has none. */
  public List<ContainerPort> ports() throws IOException {
    return ContainerPort.of(config.object("NetworkSettings").object("Ports"));
  }

  /** In docker's words: one whose check has not begun is not healthy. */
  private static String health(JsonObject state) throws IOException {
    if (state.value("Health") == null) {
      return "";
    }
    String status = state.object("Health").text("Status");
    return switch (status) {
      case "" -> "unhealthy";
      case "starting" -> "health: starting";
      default -> status;
    };
  }

  /** What it was doing when docker last wrote it down. */
  public ContainerState state() throws IOException {
    JsonObject state = config.object("State");
    return new ContainerState(
        state.flag("Running"),
        state.flag("Paused"),
        state.flag("Restarting"),
        state.flag("RemovalInProgress"),
        state.flag("Dead"),
        health(state),
        state.number("ExitCode"),
        state.time("StartedAt"),
        state.time("FinishedAt"));
  }
}
