package io.lamina.graph;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What docker notes of a container's place on its host, where nothing was asked for. */
final class HostConfig {
  private HostConfig() {}

  static Map<String, @Nullable Object> usual(boolean isOld) {
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    config.put("Binds", null);
    config.put("ContainerIDFile", "");
    config.put("LogConfig", Map.of("Type", isOld ? "" : "json-file", "Config", Map.of()));
    config.put("NetworkMode", "default");
    config.put("PortBindings", Map.of());
    config.put("RestartPolicy", restartPolicy());
    config.put("VolumeDriver", "");
    config.put("VolumesFrom", null);
    config.put("CapAdd", null);
    config.put("CapDrop", null);
    for (String list : List.of("Dns", "DnsOptions", "DnsSearch", "Devices")) {
      config.put(list, List.of());
    }
    config.put("ExtraHosts", null);
    config.put("GroupAdd", null);
    config.put("IpcMode", "");
    config.put("Links", null);
    config.put("PidMode", "");
    config.put("Privileged", false);
    config.put("PublishAllPorts", false);
    config.put("ReadonlyRootfs", false);
    config.put("SecurityOpt", null);
    config.put("UTSMode", "");
    config.put("ConsoleSize", List.of(0, 0));
    for (String number : List.of("CpuShares", "Memory", "CpuPeriod", "CpuQuota", "BlkioWeight")) {
      config.put(number, 0);
    }
    config.put("CgroupParent", "");
    config.put("CpusetCpus", "");
    config.put("CpusetMems", "");
    config.put("Ulimits", null);
    return config;
  }

  private static Map<String, @Nullable Object> restartPolicy() {
    Map<String, @Nullable Object> policy = new LinkedHashMap<>();
    policy.put("Name", "no");
    policy.put("MaximumRetryCount", 0);
    return policy;
  }
}
