package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a container is run, for {@code runc} and its like: what docker gives a container that nothing
 * was asked for, but with a network namespace of its own and nothing in it.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.0.2/config.md">config.json
 *     of the OCI runtime</a>
 */
public final class RuntimeSpec {
  private static final String PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FSETID",
          "CAP_FOWNER",
          "CAP_MKNOD",
          "CAP_NET_RAW",
          "CAP_SETGID",
          "CAP_SETUID",
          "CAP_SETFCAP",
          "CAP_SETPCAP",
          "CAP_NET_BIND_SERVICE",
          "CAP_SYS_CHROOT",
          "CAP_KILL",
          "CAP_AUDIT_WRITE");

  private static final List<String> MASKED =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/proc/sched_debug",
          "/sys/firmware");

  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private RuntimeSpec() {}

  /** Who runs a container's program. */
  public record User(long userId, long groupId) {}

  /**
   * The {@code config.json}.
   *
   * @param rootFs where the container's root file system is found
   */
  public static byte[] of(ContainerRecord container, String rootFs, User user) throws IOException {
    JsonObject config = container.config().object("Config");
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("ociVersion", "1.0.2");
    spec.put("process", process(container, config, user));
    spec.put(
        "root", Map.of("path", rootFs, "readonly", container.hostConfig().flag("ReadonlyRootfs")));
    spec.put("hostname", config.text("Hostname"));
    spec.put("mounts", mounts());
    spec.put("linux", linux());
    return GoJson.indented(spec).concat("\n").getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> process(
      ContainerRecord container, JsonObject config, User user) throws IOException {
    List<String> program = new ArrayList<>(List.of(container.path()));
    program.addAll(container.arguments());
    List<String> environment = new ArrayList<>(config.texts("Env"));
    if (environment.stream().noneMatch(entry -> entry.startsWith("PATH="))) {
      environment.add(0, PATH);
    }
    environment.add("HOSTNAME=" + config.text("Hostname"));
    String directory = config.text("WorkingDir");
    Map<String, Object> process = new LinkedHashMap<>();
    process.put("terminal", config.flag("Tty"));
    process.put("user", Map.of("uid", user.userId(), "gid", user.groupId()));
    process.put("args", program);
    process.put("env", environment);
    process.put("cwd", directory.isEmpty() ? "/" : directory);
    process.put("capabilities", capabilities(user));
    process.put("oomScoreAdj", 0);
    return process;
  }

  /** What is bounding for all is effective for root alone. */
  private static Map<String, Object> capabilities(User user) {
    Map<String, Object> sets = new LinkedHashMap<>();
    sets.put("bounding", CAPABILITIES);
    if (user.userId() == 0) {
      sets.put("effective", CAPABILITIES);
      sets.put("permitted", CAPABILITIES);
    }
    return sets;
  }

  private static List<Object> mounts() {
    return List.of(
        mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
        mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            "nosuid",
            "noexec",
            "newinstance",
            "ptmxmode=0666",
            "mode=0620",
            "gid=5"),
        mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
  }

  private static Map<String, Object> mount(
      String destination, String type, String source, String... options) {
    Map<String, Object> mount = new LinkedHashMap<>();
    mount.put("destination", destination);
    mount.put("type", type);
    mount.put("source", source);
    mount.put("options", List.of(options));
    return mount;
  }

  private static Map<String, @Nullable Object> linux() {
    List<Object> namespaces = new ArrayList<>();
    for (String type : List.of("mount", "network", "uts", "pid", "ipc")) {
      namespaces.add(Map.of("type", type));
    }
    Map<String, @Nullable Object> linux = new LinkedHashMap<>();
    linux.put("namespaces", namespaces);
    linux.put("maskedPaths", MASKED);
    linux.put("readonlyPaths", READ_ONLY);
    return linux;
  }
}
