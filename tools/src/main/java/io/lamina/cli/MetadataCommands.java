package io.lamina.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import picocli.CommandLine;

/** The commands about a pool's metadata, and where they stand among the others. */
final class MetadataCommands {
  private MetadataCommands() {}

  /** Puts them below {@code pool} and {@code volume}. */
  static void addTo(CommandLine top, Console console) {
    CommandLine pool = group(top, "pool");
    pool.addSubcommand(new PoolCheckCommand(console));
    pool.addSubcommand(new PoolDumpCommand(console));
    pool.addSubcommand(new PoolRestoreCommand());
    pool.addSubcommand(new PoolRepairCommand(console));
    pool.addSubcommand(new PoolRmapCommand(console));
    group(top, "volume").addSubcommand(new VolumeDiffCommand(console));
  }

  private static CommandLine group(CommandLine top, String name) {
    return Objects.requireNonNull(top.getSubcommands().get(name));
  }

  /** The metadata of a source: the file {@code metadata} of a pool's directory, or the file. */
  static Path metadata(Path source) throws IOException {
    if (!Files.isDirectory(source)) {
      return source;
    }
    Path metadata = source.resolve("metadata");
    if (!Files.exists(metadata)) {
      throw new IOException(source + ": is no pool: has no file metadata");
    }
    return metadata;
  }
}
