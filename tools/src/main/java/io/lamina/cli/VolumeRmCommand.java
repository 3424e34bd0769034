package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina volume rm}. */
@Command(
    name = "rm",
    description = {
      "Deletes a volume. Space that no other volume shares is given back to the host."
    },
    footer = {"", "Example:", "  lamina volume rm /srv/pool web-monday"})
final class VolumeRmCommand extends WritingCommand {
  @Parameters(
      arity = "1..2",
      paramLabel = POOL + " NAME",
      hideParamSyntax = true,
      description = POOL_IS + "the volume's name.")
  private List<String> operands = List.of();

  VolumeRmCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    volumes.remove(name());
  }
}
