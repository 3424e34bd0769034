package io.lamina.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands about a pool's metadata, and where they stand among the others. */
final class MetadataCommands {
  private MetadataCommands() {}

  /** Puts them below {@code pool} and {@code volume}. */
  static void addTo(CommandLine top, Console console) {
    CommandLine pool = group(top, "pool", new PoolGroup());
    pool.addSubcommand(new PoolCheckCommand(console));
    pool.addSubcommand(new PoolDumpCommand(console));
  }

  private static CommandLine group(CommandLine top, String name, Object otherwise) {
    CommandLine group = top.getSubcommands().get(name);
    if (group != null) {
      return group;
    }
    CommandLine added = new CommandLine(otherwise);
    top.addSubcommand(name, added);
    return added;
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

  @Command(
      name = "pool",
      mixinStandardHelpOptions = true,
      description = "Looks at a pool as a whole: its metadata.")
  private static final class PoolGroup implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
      throw new ParameterException(spec.commandLine(), "a command is missing");
    }
  }
}
