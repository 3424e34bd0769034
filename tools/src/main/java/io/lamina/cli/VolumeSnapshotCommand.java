package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina volume snapshot}. */
@Command(
    name = "snapshot",
    description = {"Makes a volume that holds what another holds now; both may be written to."},
    footer = {"", "Example:", "  lamina volume snapshot /srv/pool web web-monday"})
final class VolumeSnapshotCommand extends WritingCommand {
  @Parameters(
      arity = "2..3",
      paramLabel = POOL + " ORIGIN NAME",
      hideParamSyntax = true,
      description = POOL_IS + "the volume to take it of; the snapshot's name.")
  private List<String> operands = List.of();

  VolumeSnapshotCommand(Console console) {
    super(console);
  }

  @Override
  List<String> given() {
    return operands;
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    volumes.snapshot(Text.display(operand("ORIGIN")), name());
  }
}
