package io.lamina.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where the records of a pool's volumes lie: in a directory that the place of the pool's metadata
 * leads to, in one that somebody names, or nowhere.
 *
 * @param directory the directory, which need not be there; null where records have no place
 * @param suffix how the file of a record ends
 * @param metadata the metadata of the one pool whose records lie there; null where that follows
 *     from the place
 */
public record RecordPlace(@Nullable Path directory, String suffix, @Nullable Path metadata) {
  /** For pools whose volumes have no records. */
  public static final RecordPlace NONE = new RecordPlace(null, "", null);

  private static final String SUFFIX = ".json";

  /** In a named directory, whose records these are: the URI of the pool's metadata. */
  private static final String OWNER = "pool";

  private static final int MAX_OWNER_BYTES = 1 << 15;

  /** {@code volumes/} in a pool's directory. */
  public static RecordPlace ofPool(Path pool) {
    return new RecordPlace(pool.resolve("volumes"), SUFFIX, null);
  }

  /** Where docker has the records of a root's devices. */
  static RecordPlace ofDocker(Path root) {
    return new RecordPlace(root.resolve("devicemapper/metadata"), "", null);
  }

  /**
   * The place that a pool in files has of itself: {@code FILE.volumes/} beside its metadata, or
   * that of a pool's directory where the files make one. A block device has none, and neither has
   * docker's pool, whose records are docker's own.
   *
   * @param metadata a file or block device; another path to it leads to the same place
   * @param data a file or block device
   */
  public static RecordPlace beside(Path metadata, Path data) throws IOException {
    Path real = real(metadata);
    for (Path[] pool : new Path[][] {{absolute(metadata), absolute(data)}, {real, real(data)}}) {
      Path directory = Objects.requireNonNull(pool[0].getParent());
      if (pool[0].endsWith("metadata") && pool[1].equals(directory.resolve("data"))) {
        return isDockers(directory) ? NONE : ofPool(directory);
      }
    }
    boolean isDevice = Files.exists(real) && !Files.isRegularFile(real);
    return isDevice
        ? NONE
        : new RecordPlace(real.resolveSibling(real.getFileName() + ".volumes"), SUFFIX, null);
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }

  private static Path real(Path path) throws IOException {
    return Files.exists(path) ? path.toRealPath() : absolute(path);
  }

  private static boolean isDockers(Path files) {
    Path home = files.getParent();
    return home != null && home.getParent() != null && DockerPool.isIn(home.getParent());
  }

  /**
   * A directory that somebody names.
   *
   * @param metadata the metadata of the pool that it is for
   * @throws IOException when it is another pool's
   */
  public static RecordPlace named(Path directory, Path metadata) throws IOException {
    RecordPlace place = new RecordPlace(absolute(directory), SUFFIX, absolute(metadata));
    place.requireOwner();
    return place;
  }

  /** Whether somebody named it. */
  public boolean isNamed() {
    return metadata != null;
  }

  private Path ownerFile() {
    return Objects.requireNonNull(directory).resolve(OWNER);
  }

  private void requireOwner() throws IOException {
    if (!Files.exists(ownerFile())) {
      return;
    }
    String found;
    try (InputStream in = Files.newInputStream(ownerFile())) {
      found = new String(in.readNBytes(MAX_OWNER_BYTES), StandardCharsets.US_ASCII).strip();
    }
    if (!found.equals(Objects.requireNonNull(metadata).toUri().toString())) {
      throw new IOException(
          directory
              + ": holds the volumes of the pool at "
              + found
              + "; if that is this one, remove "
              + ownerFile());
    }
  }

  /** Makes the directory ready for records. */
  void prepare() throws IOException {
    if (directory == null) {
      throw new IOException(
          "the pool has no place for names of volumes: on a block device --names DIR gives it one");
    }
    if (!Files.isDirectory(directory)) {
      Files.createDirectory(directory);
      AtomicFile.sync(Objects.requireNonNull(directory.toAbsolutePath().getParent()));
    }
    if (metadata != null && !Files.exists(ownerFile())) {
      AtomicFile.write(ownerFile(), (metadata.toUri() + "\n").getBytes(StandardCharsets.US_ASCII));
    }
  }
}
