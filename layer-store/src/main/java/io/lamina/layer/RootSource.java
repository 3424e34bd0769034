package io.lamina.layer;

import io.lamina.graph.DockerStore;
import io.lamina.source.DockerPool;
import io.lamina.source.PoolDevices;
import io.lamina.source.PoolSource;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which docker root, and what of it.
 *
 * @param path where it lies
 * @param driver which of its storage drivers; null for the only one
 * @param devices where its pool is; null where that lies in the root, or it has none
 */
public record RootSource(Path path, @Nullable String driver, @Nullable PoolDevices devices) {
  /** A root of one driver, with all that it has. */
  public static RootSource of(Path path) {
    return new RootSource(path, null, null);
  }

  /**
   * Its records.
   *
   * @throws IOException as {@link DockerStore#open(Path, String)}
   */
  public DockerStore open() throws IOException {
    return DockerStore.open(path, driver);
  }

  /**
   * The pool that the devicemapper driver had, to be read.
   *
   * @throws IOException as {@link DockerPool#of}
   */
  public PoolSource pool() throws IOException {
    return DockerPool.of(path, devices);
  }

  /** The same, to be written to. */
  PoolSource poolToWrite() throws IOException {
    return DockerPool.unread(path, devices);
  }
}
