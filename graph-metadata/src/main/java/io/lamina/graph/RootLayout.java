package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which layout a docker root has, and of which storage driver. */
record RootLayout(Path root, String driver, boolean isOld) {
  private static final String IMAGE = "image";
  private static final String GRAPH = "graph";
  private static final String OLD_TAGS = "repositories-";

  /** Where the one layout or the other keeps its images. */
  static boolean isRoot(Path directory) {
    return Files.isDirectory(directory.resolve(GRAPH))
        || Files.isDirectory(directory.resolve(IMAGE));
  }

  /**
   * The layout of a root. One that docker 1.10 or later has taken over may still have the old one's
   * files; they are not looked at then.
   */
  static RootLayout find(Path root) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new IOException(root + ": no such directory");
    }
    List<String> drivers =
        RecordFile.names(
            root.resolve(IMAGE),
            name -> Files.isDirectory(root.resolve(IMAGE).resolve(name).resolve("imagedb")));
    boolean isOld = drivers.isEmpty();
    if (isOld) {
      drivers = new ArrayList<>();
      for (String name : RecordFile.names(root, name -> name.startsWith(OLD_TAGS))) {
        drivers.add(name.substring(OLD_TAGS.length()));
      }
    }
    if (drivers.size() > 1) {
      throw new IOException(
          root + ": is of several storage drivers: " + String.join(", ", drivers));
    }
    if (drivers.isEmpty()) {
      throw new IOException(
          root + ": is no docker root: has neither image/DRIVER/imagedb nor repositories-DRIVER");
    }
    return new RootLayout(root, drivers.get(0), isOld);
  }

  DockerStore open() {
    return isOld ? new GraphStore(root, driver) : new ImageStore(root, driver);
  }
}
