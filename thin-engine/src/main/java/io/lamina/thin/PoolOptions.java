package io.lamina.thin;

import java.nio.file.Path;
import java.util.Map;

/**
 * How to open a pool.
 *
 * @param metadataSnapshot show the pool as its metadata snapshot (held root) has it, not as last
 *     committed
 * @param externalOrigins by device id, the file or block device that unmapped blocks are read from
 */
public record PoolOptions(boolean metadataSnapshot, Map<Integer, Path> externalOrigins) {
  /** As last committed, without external origins. */
  public static final PoolOptions DEFAULT = new PoolOptions(false, Map.of());

  /** Keeps a copy of the map. */
  public PoolOptions {
    externalOrigins = Map.copyOf(externalOrigins);
  }
}
