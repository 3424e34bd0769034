package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
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
  @Parameters(index = "1", paramLabel = "NAME", description = "The volume's name.")
  private String name = "";

  VolumeTrimCommand(Console console) {
    super(console);
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    long bytes = UnusedSpace.discard(volumes, name(name));
    if (console().verbose()) {
      console().line(name + ": " + Sizes.of(bytes) + " (" + bytes + " bytes) trimmed");
    }
  }
}
