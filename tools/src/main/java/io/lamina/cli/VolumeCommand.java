package io.lamina.cli;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is done with volumes: a group of commands. */
@Command(
    name = "volume",
    mixinStandardHelpOptions = true,
    description = "Looks at the volumes of a pool, makes and changes them.",
    footer = {"", "Example:", "  lamina volume ls /srv/pool"})
final class VolumeCommand implements Runnable {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }
}
