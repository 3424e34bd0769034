package io.lamina.cli;

import java.util.Objects;
import picocli.CommandLine;

/** The commands that make and change pools and volumes, and where they stand. */
final class WritingCommands {
  private WritingCommands() {}

  /** Puts them below {@code pool} and {@code volume}, which are there. */
  static void addTo(CommandLine top, Console console) {
    group(top, "pool").addSubcommand(new PoolCreateCommand());
    group(top, "volume")
        .addSubcommand(new VolumeCreateCommand())
        .addSubcommand(new VolumeSnapshotCommand())
        .addSubcommand(new VolumeRmCommand())
        .addSubcommand(new VolumeRenameCommand())
        .addSubcommand(new VolumeResizeCommand())
        .addSubcommand(new VolumeDiscardCommand())
        .addSubcommand(new VolumeImportCommand())
        .addSubcommand(new VolumeExportCommand(console));
  }

  private static CommandLine group(CommandLine top, String name) {
    return Objects.requireNonNull(top.getSubcommands().get(name), name);
  }
}
