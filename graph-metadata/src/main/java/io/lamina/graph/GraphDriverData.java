package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code docker inspect} says of where a layer lies, with the paths of where the root lies
 * now.
 *
 * @param root of the docker root, absolute
 */
record GraphDriverData(Path root, String driver) {
  static GraphDriverData of(DockerStore store) {
    return new GraphDriverData(store.root().toAbsolutePath().normalize(), store.driver());
  }

  /**
   * The data of a layer.
   *
   * @param driverId the driver's name of it
   * @param below the driver's names of those below, the lowest first
   */
  @Nullable Map<String, Object> data(String driverId, List<String> below) throws IOException {
    return switch (driver) {
      case "devicemapper" -> device(driverId);
      case "overlay2" -> directories(driverId, below);
      default -> null;
    };
  }

  private Map<String, Object> directories(String driverId, List<String> below) {
    Map<String, Object> data = new LinkedHashMap<>();
    if (!below.isEmpty()) {
      List<String> lowers = new ArrayList<>();
      below.forEach(id -> lowers.add(path(id, "diff")));
      Collections.reverse(lowers);
      data.put("LowerDir", String.join(":", lowers));
    }
    data.put("MergedDir", path(driverId, "merged"));
    data.put("UpperDir", path(driverId, "diff"));
    data.put("WorkDir", path(driverId, "work"));
    return data;
  }

  private String path(String driverId, String part) {
    return root.resolve(driver).resolve(driverId).resolve(part).toString();
  }

  /** Docker calls a device after the device and inode number of the root's own directory. */
  private @Nullable Map<String, Object> device(String driverId) throws IOException {
    Path home = root.resolve(driver);
    Path record = home.resolve("metadata").resolve(driverId);
    if (!Files.exists(record)) {
      return null; // docker before 1.0 told nothing of it
    }
    JsonObject device = JsonObject.read(record);
    long dev = ((Number) Files.getAttribute(home, "unix:dev")).longValue();
    long inode = ((Number) Files.getAttribute(home, "unix:ino")).longValue();
    long major = dev >>> 8 & 0xfff;
    long minor = (dev & 0xff) | (dev >>> 12 & 0xfff00);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("DeviceId", Long.toString(device.number("device_id")));
    data.put("DeviceName", "docker-" + major + ":" + minor + "-" + inode + "-" + driverId);
    data.put("DeviceSize", Long.toString(device.number("size")));
    return data;
  }
}
