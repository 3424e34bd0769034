package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina volume rename}. */
@Command(
    name = "rename",
    description = {"Gives a volume another name; one that had none, its first."},
    footer = {"", "Example:", "  lamina volume rename /srv/pool web www"})
final class VolumeRenameCommand extends WritingCommand {
  @Parameters(
      arity = "2..3",
      paramLabel = POOL + " NAME NEW_NAME",
      hideParamSyntax = true,
      description = POOL_IS + "the volume's name; the name to be.")
  private List<String> operands = List.of();

  VolumeRenameCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    volumes.rename(name(), Text.display(operand("NEW_NAME")));
  }
}
