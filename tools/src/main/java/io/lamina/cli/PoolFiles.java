package io.lamina.cli;

import io.lamina.source.PoolDevices;
import io.lamina.source.PoolSource;
import io.lamina.source.RecordPlace;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How a pool is named by its files, and not by a directory that holds them. */
final class PoolFiles {
  @Option(
      names = "--metadata",
      paramLabel = "FILE",
      description =
          "The pool's metadata, a file or a block device; with --data, instead of a directory, or"
              + " for a docker root that does not say where its pool is.")
  private @Nullable Path metadata;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "The pool's data, a file or a block device.")
  private @Nullable Path data;

  @Option(
      names = "--names",
      paramLabel = "DIR",
      description = {
        "Where the names and sizes of volumes are kept, for this pool alone; with --metadata and"
            + " --data. Unless given, FILE.volumes beside a metadata file; on a block device they"
            + " have no names."
      })
  private @Nullable Path names;

  /** Whether options name the pool, so that no operand does. */
  boolean nameThePool() {
    return metadata != null || data != null || names != null;
  }

  /** The file of the metadata, where options name it. */
  @Nullable Path metadata() {
    return metadata;
  }

  /** The file of the data, where options name it. */
  @Nullable Path data() {
    return data;
  }

  /** Where the names of volumes are kept, of a pool that options name. */
  RecordPlace names() throws IOException {
    Path file = metadata;
    if (file == null) {
      throw new TypeConversionException("--names goes with --metadata and --data");
    }
    if (names != null) {
      return RecordPlace.named(names, file);
    }
    return RecordPlace.beside(file, data == null ? file.resolveSibling("data") : data);
  }

  /** The same for a docker root, whose devices have docker's names; null where none are named. */
  @Nullable PoolDevices ofDocker() {
    if (!nameThePool()) {
      return null;
    }
    if (names != null) {
      throw new TypeConversionException("a docker root has its own names: not --names");
    }
    return together(metadata, data);
  }

  /**
   * A pool that two options name.
   *
   * @throws TypeConversionException where it is only one
   */
  static PoolDevices together(@Nullable Path metadata, @Nullable Path data) {
    if (metadata == null || data == null) {
      throw new TypeConversionException("--metadata and --data go together");
    }
    return new PoolDevices(metadata, data);
  }

  /** The pool that options name. */
  PoolSource source() throws IOException {
    PoolDevices pool = together(metadata, data);
    return PoolSource.recorded(pool.metadata(), pool.data(), names());
  }
}
