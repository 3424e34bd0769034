package io.lamina.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of a docker root with the devicemapper driver: two files that docker lays loop devices
 * over, and for each device a record of its number and size, in a file that is called after the
 * layer.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.0/daemon/graphdriver/devmapper/deviceset.go">docker's
 *     deviceset.go</a>
 */
public final class DockerPool {
  private static final Logger LOG = LoggerFactory.getLogger(DockerPool.class);
  private static final int MAX_RECORD_BYTES = 1 << 16;

  private final Path home;

  private DockerPool(Path root) {
    this.home = root.resolve("devicemapper");
  }

  /** Whether a directory is a docker root with a pool in it. */
  public static boolean isIn(Path root) {
    return Files.isDirectory(new DockerPool(root).records());
  }

  /**
   * The pool of a docker root.
   *
   * @throws IOException when docker did not keep it in files; the message says what to do
   */
  static PoolSource of(Path root) throws IOException {
    PoolSource unread = unread(root);
    Map<Integer, String> names = new HashMap<>();
    Map<Integer, Long> sizes = new HashMap<>();
    for (VolumeRecord device : new DockerPool(root).devices().values()) {
      if (!device.deleted()) {
        names.put(device.deviceId(), device.name());
        sizes.put(device.deviceId(), device.size());
      }
    }
    return new PoolSource(unread.metadata(), unread.data(), names, sizes, unread.records());
  }

  /** The same without its devices' names and sizes. */
  static PoolSource unread(Path root) throws IOException {
    Path files = new DockerPool(root).home.resolve("devicemapper");
    for (String file : new String[] {"metadata", "data"}) {
      if (!Files.exists(files.resolve(file))) {
        throw new IOException(
            files
                + ": has no file "
                + file
                + "; where docker kept its pool on block devices, --metadata and --data name them");
      }
    }
    return PoolSource.unread(
        files.resolve("metadata"), files.resolve("data"), RecordPlace.ofDocker(root));
  }

  private Path records() {
    return home.resolve("metadata");
  }

  /** By name. A record that is none does not keep the others from being shown. */
  private SortedMap<String, VolumeRecord> devices() throws IOException {
    SortedMap<String, VolumeRecord> devices = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(records())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.startsWith(".") && !name.endsWith(VolumeRecords.NOTES_SUFFIX)) {
          try {
            devices.put(name, read(file, name));
          } catch (IOException e) {
            LOG.warn("{}: record of a device: {}; it goes by its id", file, e.getMessage());
          }
        }
      }
    }
    return devices;
  }

  private static VolumeRecord read(Path file, String name) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("is no regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_RECORD_BYTES + 1);
      if (bytes.length > MAX_RECORD_BYTES) {
        throw new IOException("too long");
      }
      return RecordJson.read(name, bytes);
    }
  }
}
