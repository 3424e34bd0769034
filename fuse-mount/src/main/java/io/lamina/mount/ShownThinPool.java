package io.lamina.mount;

import io.lamina.fs.TreeSpace;
import io.lamina.thin.PoolStatus;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WritablePool;
import java.io.IOException;

/**
 * A thin pool, shown.
 *
 * @param source what people call it
 */
record ShownThinPool(ThinPool pool, String source) implements ShownPool {
  private static final int NAME_MAX_BYTES = 255;

  @Override
  public boolean isWritable() {
    return pool instanceof WritablePool;
  }

  /** Counted in data blocks: a loop device over a volume takes them for what it may discard. */
  @Override
  public TreeSpace space() {
    PoolStatus status = pool.status();
    long freeBlockCount = status.dataBlockCount() - status.usedDataBlocks();
    return new TreeSpace(
        status.dataBlockBytes(),
        status.dataBlockCount(),
        freeBlockCount,
        freeBlockCount,
        0,
        0,
        NAME_MAX_BYTES);
  }

  @Override
  public String status() throws IOException {
    return StatusText.of(source, pool.status(), pool.volumeIds().size());
  }

  @Override
  public void commit() throws IOException {
    if (pool instanceof WritablePool writable) {
      writable.commit();
    }
  }
}
