package io.lamina.graph;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where storage drivers keep what they have of a layer.
 *
 * @see <a href="https://github.com/moby/moby/tree/v1.9.1/daemon/graphdriver">docker's drivers</a>:
 *     {@code Exists} of each
 */
final class DriverPlace {
  private DriverPlace() {}

  /** Whether a driver has a layer, as docker sees it. */
  static boolean has(Path root, String driver, String driverId) {
    Path home = root.resolve(driver);
    return switch (driver) {
      case "aufs" -> Files.exists(home.resolve("layers").resolve(driverId));
      case "devicemapper" -> Files.exists(home.resolve("metadata").resolve(driverId));
      case "vfs" -> Files.exists(home.resolve("dir").resolve(driverId));
      case "btrfs" -> Files.exists(home.resolve("subvolumes").resolve(driverId));
      case "zfs" -> true; // in datasets of its own, which are mounted while they are used
      default -> Files.exists(home.resolve(driverId));
    };
  }
}
