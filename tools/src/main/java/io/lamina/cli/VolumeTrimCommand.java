package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina volume trim}. */
@Command(
    name = "trim",
    description = {
      "Gives back to the pool what a volume's file system does not use, as fstrim does.",
      "With -v it says how much that is.",
      "In a mount, fstrim itself does it: nobody may use the volume's files meanwhile here."
    },
    footer = {"", "Example:", "  lamina volume trim /srv/pool web"})
final class VolumeTrimCommand extends WritingCommand {
  @Parameters(
      arity = "1..2",
      paramLabel = POOL + " NAME",
      hideParamSyntax = true,
      description = POOL_IS + "the volume's name.")
  private List<String> operands = List.of();

  VolumeTrimCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    long bytes = UnusedSpace.discard(volumes, name());
    if (console().verbose()) {
      console().line(name() + ": " + Sizes.of(bytes) + " (" + bytes + " bytes) trimmed");
    }
  }
}
