package io.lamina.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of a docker root with the devicemapper driver: two files that docker lays loop devices
 * over, or block devices elsewhere, and for each device a record of its number and size, in a file
 * that is called after the layer. Docker before 1.0 had one file for all of them.
 *
 * @see <a
 *     href="https://github.com/moby/moby/blob/v20.10.0/daemon/graphdriver/devmapper/deviceset.go">docker's
 *     deviceset.go</a>
 */
public final class DockerPool {
  private static final Logger LOG = LoggerFactory.getLogger(DockerPool.class);
  private static final int MAX_RECORD_BYTES = 1 << 16;

  /** Of all devices; docker has a few thousand at the most. */
  private static final int MAX_OLD_BYTES = 1 << 24;

  private static final String METADATA = "metadata";
  private static final String DATA = "data";

  private final Path root;
  private final Path home;

  private DockerPool(Path root) {
    this.root = root;
    this.home = root.resolve("devicemapper");
  }

  /** Whether a directory is a docker root with a pool in it. */
  public static boolean isIn(Path root) {
    DockerPool pool = new DockerPool(root);
    return Files.isDirectory(pool.records()) || Files.isRegularFile(pool.oldRecords());
  }

  /**
   * The pool of a docker root.
   *
   * @param devices where it is; null where docker kept it in files
   * @throws IOException when docker did not; the message says what to do
   */
  public static PoolSource of(Path root, @Nullable PoolDevices devices) throws IOException {
    DockerPool pool = new DockerPool(root);
    return pool.on(devices == null ? pool.files() : devices).with(pool.devices().values());
  }

  /**
   * The same without its devices' names and sizes: for who writes to it, and so to its records.
   *
   * @throws IOException also for one of docker before 1.0, whose records are not written
   */
  public static PoolSource unread(Path root, @Nullable PoolDevices devices) throws IOException {
    DockerPool pool = new DockerPool(root);
    if (!Files.isDirectory(pool.records())) {
      throw new IOException(
          pool.oldRecords() + ": is of docker before 1.0, whose devicemapper roots are only read");
    }
    return pool.on(devices == null ? pool.files() : devices);
  }

  private PoolSource on(PoolDevices devices) {
    return PoolSource.unread(devices.metadata(), devices.data(), RecordPlace.ofDocker(root));
  }

  private PoolDevices files() throws IOException {
    Path files = home.resolve("devicemapper");
    for (String file : new String[] {METADATA, DATA}) {
      if (!Files.exists(files.resolve(file))) {
        throw new IOException(
            files
                + ": has no file "
                + file
                + "; where docker kept its pool on block devices, --metadata and --data name them");
      }
    }
    return new PoolDevices(files.resolve(METADATA), files.resolve(DATA));
  }

  private Path records() {
    return home.resolve(METADATA);
  }

  private Path oldRecords() {
    return home.resolve("devicemapper").resolve("json");
  }

  /** By name. A record that is none does not keep the others from being shown. */
  private SortedMap<String, VolumeRecord> devices() throws IOException {
    SortedMap<String, VolumeRecord> devices = new TreeMap<>();
    if (!Files.isDirectory(records())) {
      for (VolumeRecord device : oldDevices()) {
        devices.put(device.name(), device);
      }
      return devices;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(records())) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (!name.startsWith(".") && !name.endsWith(VolumeRecords.NOTES_SUFFIX)) {
          try {
            devices.put(name, RecordJson.read(name, bytes(file, MAX_RECORD_BYTES)));
          } catch (IOException e) {
            LOG.warn("{}: record of a device: {}; it goes by its id", file, e.getMessage());
          }
        }
      }
    }
    return devices;
  }

  private List<VolumeRecord> oldDevices() throws IOException {
    try {
      return RecordJson.readAll(bytes(oldRecords(), MAX_OLD_BYTES));
    } catch (IOException e) {
      throw new IOException(oldRecords() + ": records of the devices: " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(Path file, int maxBytes) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException("is no regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new IOException("too long");
      }
      return bytes;
    }
  }
}
