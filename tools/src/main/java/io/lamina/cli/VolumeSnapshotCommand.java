package io.lamina.cli;

import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code lamina volume snapshot}. */
@Command(
    name = "snapshot",
    description = {"Makes a volume that holds what another holds now; both may be written to."},
    footer = {"", "Example:", "  lamina volume snapshot /srv/pool web web-monday"})
final class VolumeSnapshotCommand extends WritingCommand {
  @Parameters(index = "1", paramLabel = "ORIGIN", description = "The volume to take it of.")
  private String origin = "";

  @Parameters(index = "2", paramLabel = "NAME", description = "The snapshot's name.")
  private String name = "";

  VolumeSnapshotCommand(Console console) {
    super(console);
  }

  @Override
  void change(PoolVolumes volumes) throws IOException {
    volumes.snapshot(name(origin), name(name));
  }
}
