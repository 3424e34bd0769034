package io.lamina.graph;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The record of a new container, as docker 1.9 or docker 20.10 writes one that was never started.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/runconfig/config.go">config.go</a>
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/daemon/commit.go">merge</a>: what a
 *     container takes over from its image
 */
final class ContainerConfig {
  private static final String NEVER = "0001-01-01T00:00:00Z";

  private final JsonObject ofImage;
  private final ContainerOptions options;

  private ContainerConfig(JsonObject ofImage, ContainerOptions options) {
    this.ofImage = ofImage;
    this.options = options;
  }

  /**
   * What its record holds.
   *
   * @param imageName what the image was called by who wants the container
   * @param named its id, and its name
   * @throws NotFoundException when neither the image nor the options say what it runs
   */
  static Map<String, @Nullable Object> of(
      DockerStore store,
      ImageRecord image,
      String imageName,
      NamedContainer named,
      ContainerOptions options)
      throws IOException {
    ContainerConfig config = new ContainerConfig(image.json().object("config"), options);
    List<String> program = config.program();
    if (program.isEmpty()) {
      throw new NotFoundException("No command specified");
    }
    Map<String, @Nullable Object> record = new LinkedHashMap<>();
    if (!store.isOld()) {
      record.put("StreamConfig", Map.of());
    }
    record.put("State", state(store));
    record.put("ID", named.id().hex());
    record.put("Created", named.created().toString());
    if (!store.isOld()) {
      record.put("Managed", false);
    }
    record.put("Path", program.get(0));
    record.put("Args", program.subList(1, program.size()));
    record.put("Config", config.runConfig(named.id(), imageName));
    record.put("Image", store.isOld() ? image.id().hex() : image.id().text());
    record.put("NetworkSettings", network(store));
    record.put("LogPath", "");
    record.put("Name", "/" + named.name());
    record.put("Driver", store.driver());
    record.put(store.isOld() ? "ExecDriver" : "OS", store.isOld() ? "native-0.2" : "linux");
    for (String field : List.of("MountLabel", "ProcessLabel", "AppArmorProfile")) {
      record.put(field, "");
    }
    record.put("RestartCount", 0);
    record.put("HasBeenStartedBefore", false);
    record.put("HasBeenManuallyStopped", false);
    record.put("MountPoints", Map.of());
    for (String field : List.of("HostnamePath", "HostsPath", "ShmPath", "ResolvConfPath")) {
      record.put(field, "");
    }
    return record;
  }

  private static Map<String, @Nullable Object> state(DockerStore store) {
    Map<String, @Nullable Object> state = new LinkedHashMap<>();
    for (String flag : List.of("Running", "Paused", "Restarting", "OOMKilled")) {
      state.put(flag, false);
    }
    if (!store.isOld()) {
      state.put("RemovalInProgress", false);
    }
    state.put("Dead", false);
    state.put("Pid", 0);
    state.put("ExitCode", 0);
    state.put("Error", "");
    state.put("StartedAt", NEVER);
    state.put("FinishedAt", NEVER);
    if (!store.isOld()) {
      state.put("Health", null);
    }
    return state;
  }

  private static Map<String, @Nullable Object> network(DockerStore store) {
    Map<String, @Nullable Object> network = new LinkedHashMap<>();
    network.put("Bridge", "");
    network.put("SandboxID", "");
    network.put("HairpinMode", false);
    network.put("LinkLocalIPv6Address", "");
    network.put("LinkLocalIPv6PrefixLen", 0);
    network.put("Networks", null);
    if (!store.isOld()) {
      network.put("Service", null);
    }
    network.put("Ports", null);
    network.put("SandboxKey", "");
    network.put("SecondaryIPAddresses", null);
    network.put("SecondaryIPv6Addresses", null);
    network.put("IsAnonymousEndpoint", false);
    return network;
  }

  /** What it runs: the entry point, and after it the command. */
  private List<String> program() throws IOException {
    List<String> program = new ArrayList<>(entrypoint());
    program.addAll(command());
    return program;
  }

  private List<String> entrypoint() throws IOException {
    String wanted = options.entrypoint();
    if (wanted == null) {
      return ofImage.texts("Entrypoint");
    }
    return wanted.isEmpty() ? List.of() : List.of(wanted);
  }

  /** The image's command belongs to the image's entry point. */
  private List<String> command() throws IOException {
    boolean isOwn = !options.command().isEmpty() || options.entrypoint() != null;
    return isOwn ? options.command() : ofImage.texts("Cmd");
  }

  private Map<String, @Nullable Object> runConfig(Id id, String imageName) throws IOException {
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    config.put("Hostname", id.truncated());
    config.put("Domainname", "");
    config.put("User", options.user() == null ? ofImage.text("User") : options.user());
    config.put("AttachStdin", false);
    config.put("AttachStdout", true);
    config.put("AttachStderr", true);
    putIfThere(config, "ExposedPorts");
    for (String flag : List.of("Tty", "OpenStdin", "StdinOnce")) {
      config.put(flag, false);
    }
    config.put("Env", orNull(environment()));
    config.put("Cmd", orNull(command()));
    putIfThere(config, "Healthcheck");
    config.put("Image", imageName);
    config.put("Volumes", ofImage.value("Volumes"));
    config.put(
        "WorkingDir",
        options.workingDirectory() == null
            ? ofImage.text("WorkingDir")
            : options.workingDirectory());
    config.put("Entrypoint", orNull(entrypoint()));
    config.put("OnBuild", null);
    config.put("Labels", labels());
    putIfThere(config, "StopSignal");
    putIfThere(config, "Shell");
    return config;
  }

  private void putIfThere(Map<String, @Nullable Object> config, String field) {
    if (ofImage.value(field) != null) {
      config.put(field, ofImage.value(field));
    }
  }

  private static @Nullable Object orNull(List<String> texts) {
    return texts.isEmpty() ? null : texts;
  }

  /** The container's own first, then the image's that it does not replace. */
  private List<String> environment() throws IOException {
    List<String> environment = new ArrayList<>(options.environment());
    for (String entry : ofImage.texts("Env")) {
      String prefix = entry.substring(0, entry.indexOf('=') + 1);
      if (prefix.isEmpty()
          || options.environment().stream().noneMatch(own -> own.startsWith(prefix))) {
        environment.add(entry);
      }
    }
    return environment;
  }

  private Map<String, @Nullable Object> labels() throws IOException {
    Map<String, @Nullable Object> labels = new TreeMap<>(ofImage.object("Labels").fields());
    labels.putAll(options.labels());
    return labels;
  }
}
