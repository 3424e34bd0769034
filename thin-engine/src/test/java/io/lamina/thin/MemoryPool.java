package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.BlockDevice;
import io.lamina.block.MemoryDevice;
import io.lamina.block.WritableDevice;
import io.lamina.persist.BlockManager;
import io.lamina.source.PoolSource;
import io.lamina.thin.check.CheckProgress;
import io.lamina.thin.check.CheckReport;
import io.lamina.thin.check.PoolCheck;
import java.io.IOException;
import java.nio.file.Path;

/** Pools in memory, for tests that have many of them. */
final class MemoryPool {
  private static final PoolSource SOURCE = PoolSource.files(Path.of("metadata"), Path.of("data"));

  private MemoryPool() {}

  /** The metadata of an empty pool. */
  static byte[] format(int metadataBlocks, int blockBytes, int dataBlocks) throws IOException {
    byte[] metadata = new byte[metadataBlocks * BlockManager.BLOCK_BYTES];
    PoolFormat.create(new MemoryDevice(metadata, "metadata"), blockBytes, dataBlocks);
    return metadata;
  }

  static WritablePool open(WritableDevice metadata, WritableDevice data) throws IOException {
    return open(metadata, data, WriteOptions.DEFAULT);
  }

  static WritablePool open(WritableDevice metadata, WritableDevice data, WriteOptions options)
      throws IOException {
    return WritablePool.open(SOURCE, metadata, data, PoolOptions.DEFAULT, options);
  }

  static ThinPool openToRead(BlockDevice metadata, BlockDevice data) throws IOException {
    return new ThinPool(SOURCE, metadata, data, PoolMetadata.open(metadata, false, 1 << 20));
  }

  /** The pool's own check has no complaint. */
  static void check(byte[] metadata, long dataBytes) throws IOException {
    CheckReport report =
        PoolCheck.run(new MemoryDevice(metadata, "metadata"), dataBytes, 10, CheckProgress.NONE);
    assertThat(report.shown()).isEmpty();
  }
}
