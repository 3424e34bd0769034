package io.lamina.cli;

import io.lamina.graph.DockerStore;
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

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--root",
      paramLabel = "DIR",
      description = "The docker root, /var/lib/docker say. Without it: $" + ENVIRONMENT + ".")
  private @Nullable Path root;

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

  /** Its records. */
  DockerStore open() throws IOException {
    return DockerStore.open(path());
  }

  /** Wrong usage of the command that these arguments belong to. */
  ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(command).commandLine(), message);
  }
}
