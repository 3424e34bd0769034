package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina volume rename}. */
@Command(
    name = "rename",
    description = {"Gives a volume another name; one that had none, its first."},
    footer = {"", "Example:", "  lamina volume rename /srv/pool web www"})
final class VolumeRenameCommand extends WritingCommand {
  @Parameters(index = "1", paramLabel = "NAME", description = "The volume's name.")
  private String name = "";

  @Parameters(index = "2", paramLabel = "NEW_NAME", description = "The name to be.")
  private String newName = "";

  VolumeRenameCommand(Console console) {
    super(console);
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    volumes.rename(name(name), name(newName));
  }
}
