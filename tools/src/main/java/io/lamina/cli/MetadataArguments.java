package io.lamina.cli;

import io.lamina.source.RecordPlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * How a command on metadata alone is told which: an operand SOURCE, a pool's directory or the file
 * itself, or the options that name a pool's files.
 */
final class MetadataArguments {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Mixin private final PoolFiles files = new PoolFiles();

  /** Whether options name the pool, so that no operand does. */
  boolean nameThePool() {
    return files.nameThePool();
  }

  /** The file or block device of the metadata. */
  Path file(@Nullable Path operand) throws IOException {
    Path named = files.metadata();
    if ((operand == null) != files.nameThePool() || (operand == null && named == null)) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(), "expected SOURCE, or --metadata FILE");
    }
    return named != null ? named : MetadataFile.of(Objects.requireNonNull(operand));
  }

  /** The file or block device of the data, where that is known and there. */
  @Nullable Path data(@Nullable Path operand) {
    Path data = operand == null ? files.data() : operand.resolve("data");
    return data != null && Files.exists(data) ? data : null;
  }

  /** Where the names of volumes are kept. */
  RecordPlace names(@Nullable Path operand) throws IOException {
    if (operand == null) {
      return files.names();
    }
    Path metadata = MetadataFile.of(operand);
    return RecordPlace.beside(metadata, metadata.resolveSibling("data"));
  }
}
