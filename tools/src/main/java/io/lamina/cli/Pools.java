package io.lamina.cli;

import io.lamina.block.BlockDevice;
import io.lamina.block.WritableDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;

/** How a command comes by a pool: it is opened for it, or it is open already in this process. */
interface Pools {
  /** Looks at a pool. */
  interface Look {
    /** Looks at it, open as it is only meanwhile. */
    void at(ThinPool pool) throws IOException;
  }

  /** Changes a pool's volumes. */
  interface Change {
    /** Changes them, open as they are only meanwhile. */
    void of(PoolVolumes volumes) throws IOException;
  }

  /** Reads the metadata of a pool as a whole. */
  interface MetadataLook {
    /** Reads them; nobody changes them meanwhile. */
    void at(BlockDevice metadata) throws IOException;
  }

  /** Looks at a pool. */
  void look(PoolSource source, PoolOptions options, Look look) throws IOException;

  /** Changes the volumes of a pool. */
  void change(PoolSource source, WriteOptions options, Change change) throws IOException;

  /** Changes the metadata of a pool as a whole. */
  interface MetadataChange {
    /** Changes them; nobody else has them meanwhile. */
    void of(WritableDevice metadata) throws IOException;
  }

  /**
   * Changes the metadata in a file or on a block device.
   *
   * @throws IOException also when somebody has the pool open
   */
  void changeMetadata(Path file, MetadataChange change) throws IOException;

  /** Reads the metadata in a file or on a block device. */
  void lookAtMetadata(Path file, MetadataLook look) throws IOException;
}
