package io.lamina.cli;

import io.lamina.graph.DockerStore;
import io.lamina.layer.RootSource;
import io.lamina.source.DockerPool;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How every command is told which pool: an operand SOURCE, a directory that holds {@code metadata}
 * and {@code data} or a docker root, or those two files by name; for docker's on block devices
 * both.
 */
final class PoolArguments {
  private final Console console;

  PoolArguments(Console console) {
    this.console = console;
  }

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Mixin private final PoolFiles files = new PoolFiles();

  @Option(
      names = "--metadata-snapshot",
      description = "Show the pool as its metadata snapshot (held root) has it.")
  private boolean metadataSnapshot;

  @Option(
      names = "--origin",
      paramLabel = "DEVICE_ID=FILE",
      description = "The external origin of a volume; may be given for several.")
  private final Map<Integer, Path> origins = new LinkedHashMap<>();

  @Option(names = "--storage-driver", paramLabel = "NAME", description = RootArguments.DRIVER_IS)
  private @Nullable String driver;

  /** A docker root, with what options say of it. */
  RootSource root(Path path) {
    return new RootSource(path, driver, files.ofDocker());
  }

  /** Whether options name the pool, so that no operand does. */
  boolean nameThePool() {
    return files.nameThePool();
  }

  /** Whether a path is that of a pool, as far as names tell. */
  static boolean isPool(Path path) {
    return DockerStore.isRoot(path)
        || DockerPool.isIn(path)
        || (Files.exists(path.resolve("metadata")) && Files.exists(path.resolve("data")));
  }

  /**
   * The pool's source.
   *
   * @param operand SOURCE, one character a byte; null where it was not given. Beside options that
   *     name a pool it is the docker root that this belongs to
   */
  PoolSource source(@Nullable String operand) throws IOException {
    if (operand == null) {
      if (!nameThePool()) {
        throw sourceIsMissing();
      }
      return files.source();
    }
    Path directory = console.path(operand);
    boolean isDockers = DockerPool.isIn(directory);
    if (nameThePool() && !isDockers) {
      throw usage(
          "either SOURCE or --metadata and --data; both only for a docker root with devicemapper");
    }
    if (DockerStore.isRoot(directory)) {
      MountedCommands.refuse(directory);
    }
    return isDockers ? root(directory).pool() : PoolSource.directory(directory);
  }

  /** The pool's options. */
  PoolOptions options() {
    return new PoolOptions(metadataSnapshot, origins);
  }

  /** The file of the pool's metadata, for a start: what is wrong is said when it is opened. */
  Path metadataFile(@Nullable String operand) {
    Path named = files.metadata();
    if (named != null) {
      return named;
    }
    if (operand == null) {
      throw sourceIsMissing();
    }
    return console.path(operand).resolve("metadata");
  }

  /** Opens the pool, unless it is mounted for writing. */
  ThinPool open(@Nullable String operand) throws IOException {
    PoolSource source = source(operand);
    MountedCommands.refuse(source.metadata());
    return ThinPool.open(source, options());
  }

  /** Looks at the pool, wherever it is open. */
  void look(@Nullable String operand, Pools.Look look) throws IOException {
    console.pools().look(source(operand), options(), look);
  }

  private ParameterException sourceIsMissing() {
    return usage("SOURCE is missing (or --metadata FILE --data FILE)");
  }

  /** Wrong usage of the command that these arguments belong to. */
  ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(command).commandLine(), message);
  }
}
