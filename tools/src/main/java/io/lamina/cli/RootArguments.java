package io.lamina.cli;

import io.lamina.graph.DockerStore;
import io.lamina.layer.RootSource;
import io.lamina.source.PoolDevices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How docker's commands are told which docker root: {@code --root}, or the environment. */
final class RootArguments {
  static final String ENVIRONMENT = "LAMINA_ROOT";

  /** What is said of {@code --storage-driver}. */
  static final String DRIVER_IS =
      "Of a docker root with several storage drivers: the one that is meant, aufs say.";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "The docker root, /var/lib/docker say. Without it: $" + ENVIRONMENT + ".")
  private @Nullable Path root;

  @Option(names = "--storage-driver", paramLabel = "NAME", description = RootArguments.DRIVER_IS)
  private @Nullable String driver;

  @Option(
      names = "--metadata",
      paramLabel = "FILE",
      description =
          "Where docker kept the pool of a devicemapper root on block devices: its"
              + " metadata; with --data.")
  private @Nullable Path metadata;

  @Option(names = "--data", paramLabel = "FILE", description = "The same pool's data.")
  private @Nullable Path data;

  /** Which one is meant where none is named. */
  void setDefault(Path mounted) {
    if (root == null) {
      root = mounted;
    }
  }

  /** Where it lies. */
  Path path() {
    if (root != null) {
      return root;
    }
    String named = System.getenv(ENVIRONMENT);
    if (named == null || named.isEmpty()) {
      throw usage("which docker root? Give --root DIR, or set " + ENVIRONMENT);
    }
    return Path.of(named);
  }

  /** Which root, and what of it. */
  RootSource source() {
    return new RootSource(path(), driver, devices());
  }

  private @Nullable PoolDevices devices() {
    return metadata == null && data == null ? null : PoolFiles.together(metadata, data);
  }

  /** Its records. */
  DockerStore open() throws IOException {
    return source().open();
  }

  /** Wrong usage of the command that these arguments belong to. */
  ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(command).commandLine(), message);
  }
}
