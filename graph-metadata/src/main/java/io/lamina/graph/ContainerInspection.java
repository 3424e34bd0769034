package io.lamina.graph;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A container in the words of {@code docker inspect}: those of docker 1.9 for a root of its layout,
 * else those of docker 20.10.
 */
final class ContainerInspection {
  /** Of the endpoint in the default network, which stands once more beside the networks. */
  private static final List<String> ENDPOINT =
      List.of(
          "EndpointID",
          "Gateway",
          "GlobalIPv6Address",
          "GlobalIPv6PrefixLen",
          "IPAddress",
          "IPPrefixLen",
          "IPv6Gateway",
          "MacAddress");

  private final DockerStore store;

  ContainerInspection(DockerStore store) {
    this.store = store;
  }

  Map<String, @Nullable Object> of(ContainerRecord container) throws IOException {
    JsonObject config = container.config();
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put("Id", container.id().text());
    said.put("Created", config.text("Created"));
    said.put("Path", config.text("Path"));
    said.put("Args", config.texts("Args"));
    said.put("State", state(container));
    said.put("Image", config.text("Image"));
    for (String path : List.of("ResolvConfPath", "HostnamePath", "HostsPath", "LogPath", "Name")) {
      said.put(path, config.text(path));
    }
    said.put("RestartCount", config.number("RestartCount"));
    said.put("Driver", store.driver());
    if (store.isOld()) {
      said.put("ExecDriver", config.text("ExecDriver"));
    } else {
      said.put("Platform", config.text("OS"));
    }
    for (String label : List.of("MountLabel", "ProcessLabel", "AppArmorProfile")) {
      said.put(label, config.text(label));
    }
    said.put("ExecIDs", null);
    said.put("HostConfig", container.hostConfig().fields());
    said.put("GraphDriver", graphDriver(container));
    said.put("Mounts", mounts(config.object("MountPoints")));
    said.put("Config", config.value("Config"));
    said.put("NetworkSettings", network(config.object("NetworkSettings")));
    return said;
  }

  private static Map<String, @Nullable Object> state(ContainerRecord container) throws IOException {
    JsonObject state = container.config().object("State");
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put("Status", container.state().word());
    for (String flag : List.of("Running", "Paused", "Restarting", "OOMKilled", "Dead")) {
      said.put(flag, state.flag(flag));
    }
    said.put("Pid", state.number("Pid"));
    said.put("ExitCode", state.number("ExitCode"));
    said.put("Error", state.text("Error"));
    for (String time : List.of("StartedAt", "FinishedAt")) {
      said.put(time, state.has(time) ? state.text(time) : ImageInspection.ZERO_TIME);
    }
    if (state.value("Health") != null) {
      said.put("Health", state.value("Health"));
    }
    return said;
  }

  private Map<String, @Nullable Object> graphDriver(ContainerRecord container) throws IOException {
    List<String> below = new ArrayList<>();
    for (LayerRecord layer : store.layersTo(container.parent())) {
      below.add(layer.driverId());
    }
    if (container.initDriverId() != null) {
      below.add(container.initDriverId());
    }
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put("Data", GraphDriverData.of(store).data(container.driverId(), below));
    said.put("Name", store.driver());
    return said;
  }

  /** In the order of where they are mounted. */
  private List<Map<String, Object>> mounts(JsonObject points) throws IOException {
    Map<String, Map<String, Object>> mounts = new TreeMap<>();
    for (String destination : points.fields().keySet()) {
      JsonObject point = points.object(destination);
      Map<String, Object> said = new LinkedHashMap<>();
      String name = point.text("Name");
      if (!store.isOld()) {
        said.put("Type", point.text("Type"));
      }
      if (store.isOld() || !name.isEmpty()) {
        said.put("Name", name);
      }
      said.put("Source", source(point, name));
      said.put("Destination", point.text("Destination"));
      String driver = point.text("Driver");
      if (store.isOld() || !driver.isEmpty()) {
        said.put("Driver", driver);
      }
      said.put("Mode", point.text("Relabel"));
      said.put("RW", point.flag("RW"));
      if (!store.isOld()) {
        said.put("Propagation", point.text("Propagation"));
      }
      mounts.put(destination, said);
    }
    return List.copyOf(mounts.values());
  }

  /** Docker notes the source of a bind mount, and finds that of its own volumes by their names. */
  private String source(JsonObject point, String name) throws IOException {
    String source = point.text("Source");
    return source.isEmpty() && !name.isEmpty()
        ? store
            .root()
            .toAbsolutePath()
            .normalize()
            .resolve("volumes")
            .resolve(name)
            .resolve("_data")
            .toString()
        : source;
  }

  private Map<String, @Nullable Object> network(JsonObject settings) throws IOException {
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put("Bridge", settings.text("Bridge"));
    said.put("SandboxID", settings.text("SandboxID"));
    said.put("HairpinMode", settings.flag("HairpinMode"));
    said.put("LinkLocalIPv6Address", settings.text("LinkLocalIPv6Address"));
    said.put("LinkLocalIPv6PrefixLen", settings.number("LinkLocalIPv6PrefixLen"));
    @Nullable Object ports = settings.value("Ports");
    said.put("Ports", ports == null && !store.isOld() ? Map.of() : ports);
    said.put("SandboxKey", settings.text("SandboxKey"));
    said.put("SecondaryIPAddresses", settings.value("SecondaryIPAddresses"));
    said.put("SecondaryIPv6Addresses", settings.value("SecondaryIPv6Addresses"));
    JsonObject networks = settings.object("Networks");
    JsonObject bridge = networks.object("bridge");
    for (String field : ENDPOINT) {
      boolean isLength = field.endsWith("PrefixLen");
      said.put(field, isLength ? bridge.number(field) : bridge.text(field));
    }
    Map<String, Object> endpoints = new TreeMap<>();
    for (String name : networks.fields().keySet()) {
      Map<String, @Nullable Object> endpoint = new LinkedHashMap<>(networks.object(name).fields());
      endpoint.remove("IPAMOperational"); // docker's own note, which it does not tell
      endpoints.put(name, endpoint);
    }
    said.put("Networks", settings.value("Networks") == null ? null : endpoints);
    return said;
  }
}
