package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
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
  @Parameters(index = "1", paramLabel = "NAME", description = "The volume's name.")
  private String name = "";

  VolumeRmCommand(Console console) {
    super(console);
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    volumes.remove(name(name));
  }
}
