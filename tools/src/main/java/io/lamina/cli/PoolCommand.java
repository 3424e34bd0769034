package io.lamina.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is done with pools as a whole: a group of commands. */
@Command(
    name = "pool",
    mixinStandardHelpOptions = true,
    description = "Looks at a pool as a whole, or makes one.",
    footer = {"", "Example:", "  lamina pool status /srv/pool"})
final class PoolCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }
}
