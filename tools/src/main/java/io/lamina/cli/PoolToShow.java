package io.lamina.cli;

import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WriteOptions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pool opened to be mounted: for writing where that can be.
 *
 * @param whyReadOnly why it is not, where nobody asked for that
 * @param opened what is to be closed in the end
 */
record PoolToShow(ThinPool pool, Optional<String> whyReadOnly, Closeable opened) {
  /** A pool that nobody is to write to. */
  static PoolToShow readOnly(PoolSource source, PoolOptions options) throws IOException {
    return readOnly(source, options, null);
  }

  private static PoolToShow readOnly(
      PoolSource source, PoolOptions options, @Nullable String reason) throws IOException {
    ThinPool pool = ThinPool.open(source, options);
    return new PoolToShow(pool, Optional.ofNullable(reason), pool);
  }

  /**
   * A pool to be written to; read-only where its files are, or where it is in a state that forbids
   * to.
   *
   * @param writing how it is to be written to
   * @param directory that holds the pool; null where its files were named
   * @throws IOException also when somebody else has it: what is read while others write is wrong
   */
  static PoolToShow writable(
      @Nullable Path directory, PoolSource source, PoolOptions options, WriteOptions writing)
      throws IOException {
    for (Path file : new Path[] {source.metadata(), source.data()}) {
      if (Files.exists(file) && !Files.isWritable(file)) {
        return readOnly(source, options, file + ": may not be written to");
      }
    }
    try {
      PoolVolumes volumes =
          directory == null
              ? PoolVolumes.open(source, options, writing)
              : PoolVolumes.open(directory, options, writing);
      return new PoolToShow(volumes.pool(), Optional.empty(), volumes);
    } catch (CorruptException | UnsupportedException e) {
      return readOnly(source, options, e.getMessage());
    } catch (IOException e) {
      return readOnlyIfChecked(source, options, e);
    }
  }

  /** A pool that needs a check may be looked at; what somebody else has may not. */
  private static PoolToShow readOnlyIfChecked(
      PoolSource source, PoolOptions options, IOException problem) throws IOException {
    PoolToShow found = readOnly(source, options, problem.getMessage());
    if (found.pool().status().needsCheck()) {
      return found;
    }
    found.opened().close();
    throw new IOException(problem.getMessage() + " (-o ro mounts it read-only)", problem);
  }
}
