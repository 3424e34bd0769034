package io.lamina.layer;

import io.lamina.block.FileDevice;
import io.lamina.ext4.WriteOptions;
import io.lamina.fs.FileTree;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.graph.DurableFile;
import io.lamina.graph.GoJson;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WritableVolume;
import io.lamina.volume.FileSystemInfo;
import io.lamina.volume.NewExt4;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes a store of Lamina's own: a docker root of the layout before docker 1.10, whose layers lie
 * in a thin pool in two sparse files.
 */
public final class NewStore {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final String PERMISSIONS = "rw-------";

  private NewStore() {}

  /** How a store keeps its layers. */
  public enum Kind {
    /** A layer is a snapshot of the one below, as docker's devicemapper driver has it. */
    THIN("devicemapper"),
    /** Layers are directories in one volume, as docker's aufs driver has them. */
    AUFS("aufs");

    private final String driver;

    Kind(String driver) {
      this.driver = driver;
    }
  }

  /**
   * How many bytes each part may take.
   *
   * @param baseBytes of one root file system, where each has its own
   */
  public record Sizes(long dataBytes, long baseBytes) {}

  /**
   * Makes a store. Until all of it is there, its directory is no docker root.
   *
   * @param root a directory that is empty, or not there yet; so it is again after an error
   * @throws IOException also when the directory is not empty, or there is no {@code mkfs.ext4}
   */
  public static void create(Path root, Kind kind, Sizes sizes) throws IOException {
    boolean wasThere = Files.exists(root);
    requireEmpty(root);
    boolean done = false;
    try {
      make(root, kind, sizes);
      done = true;
    } finally {
      if (!done) {
        remove(root, wasThere);
      }
    }
  }

  /** A directory that was somebody's stays his, with its owner and mode. */
  private static void remove(Path root, boolean wasThere) throws IOException {
    if (!wasThere) {
      DurableFile.removeTree(root);
      return;
    }
    try (Stream<Path> made = Files.list(root)) {
      for (Path part : made.toList()) {
        DurableFile.removeTree(part);
      }
    }
  }

  private static void make(Path root, Kind kind, Sizes sizes) throws IOException {
    Files.createDirectories(root);
    Path home = Files.createDirectories(root.resolve("lamina"));
    if (kind == Kind.THIN) {
      createThin(root, sizes);
    } else {
      createAufs(root, sizes.dataBytes());
    }
    Files.createDirectories(root.resolve("containers"));
    Files.createDirectories(root.resolve("graph"));
    DurableFile.write(
        home.resolve(WritableRoot.OWN), GoJson.bytes(Map.of("version", 1)), PERMISSIONS);
    DurableFile.write(
        root.resolve("repositories-" + kind.driver),
        GoJson.bytes(Map.of("Repositories", Map.of())),
        PERMISSIONS);
  }

  private static void createThin(Path root, Sizes sizes) throws IOException {
    Path driver = root.resolve("devicemapper");
    Path pool = Files.createDirectories(driver.resolve("devicemapper"));
    Files.createDirectories(driver.resolve("metadata"));
    createPool(pool, sizes.dataBytes());
    createBase(root, sizes.baseBytes());
  }

  /** As large as the pool: layers in it share its room. */
  private static void createAufs(Path root, long dataBytes) throws IOException {
    Path pool = Files.createDirectories(PooledDirectories.pool(root));
    createPool(pool, dataBytes);
    try (PoolVolumes volumes = PoolVolumes.open(pool, io.lamina.thin.WriteOptions.DEFAULT)) {
      volumes.create(
          PooledDirectories.VOLUME,
          dataBytes,
          (volume, size) -> {
            WritableVolume sized = volume.withSize(size);
            NewExt4.write(sized, size, BLOCK_BYTES);
            FileTree files = VolumeFileSystem.openWritable(sized, WriteOptions.DEFAULT);
            try (AufsDirectories directories = new AufsDirectories(files, files.root())) {
              directories.init();
            }
            return size;
          });
    }
  }

  private static void requireEmpty(Path root) throws IOException {
    if (Files.exists(root)) {
      try (Stream<Path> found = Files.list(root)) {
        if (found.findAny().isPresent()) {
          throw new IOException(root + ": is not empty");
        }
      }
    }
  }

  private static void createPool(Path directory, long dataBytes) throws IOException {
    long blockCount = dataBytes / BLOCK_BYTES;
    Path metadata = directory.resolve("metadata");
    sparse(metadata, PoolFormat.metadataBytes(blockCount));
    sparse(directory.resolve("data"), blockCount * BLOCK_BYTES);
    try (FileDevice device =
        FileDevice.openWritable(metadata, io.lamina.thin.WriteOptions.DEFAULT.puncher())) {
      PoolFormat.create(device, BLOCK_BYTES, blockCount);
    }
  }

  private static void sparse(Path path, long bytes) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(bytes);
    }
  }

  private static void createBase(Path root, long baseBytes) throws IOException {
    try (PoolVolumes volumes =
        PoolVolumes.open(
            PoolSource.find(root), PoolOptions.DEFAULT, io.lamina.thin.WriteOptions.DEFAULT)) {
      String[] uuid = {""};
      volumes.create(
          WritableDevices.BASE,
          baseBytes,
          (volume, size) -> {
            uuid[0] = writeBase(volume.withSize(size), size);
            return size;
          });
      new DeviceNotes(root).base(uuid[0]);
    }
  }

  private static String writeBase(WritableVolume volume, long size) throws IOException {
    NewExt4.write(volume, size, BLOCK_BYTES);
    String uuid = VolumeFileSystem.probe(volume).map(FileSystemInfo::uuid).orElse("");
    try (FileTree files = VolumeFileSystem.openWritable(volume, WriteOptions.DEFAULT)) {
      files.root().create(DeviceTrees.ROOT, NewFile.directory(0755, new Owner(0, 0)));
    }
    return uuid;
  }
}
