package io.lamina.cli;

import java.time.Clock;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * All commands, by name. Of them only those are built that the arguments may mean: to look through
 * one command's annotations takes picocli longer than many a command runs.
 */
final class Commands {
  /** In the order of the help; a group's commands with the group's name before theirs. */
  static final List<String> NAMES =
      List.of(
          "mount",
          "umount",
          "union",
          "ls",
          "cat",
          "cp",
          "init",
          "images",
          "history",
          "inspect",
          "ps",
          "create",
          "rm",
          "rmi",
          "tag",
          "commit",
          "bundle",
          "diff",
          "export",
          "save",
          "load",
          "import",
          "layer ls",
          "layer size",
          "volume ls",
          "volume create",
          "volume snapshot",
          "volume rm",
          "volume rename",
          "volume resize",
          "volume discard",
          "volume trim",
          "volume import",
          "volume export",
          "volume diff",
          "pool status",
          "pool create",
          "pool check",
          "pool dump",
          "pool restore",
          "pool repair",
          "pool rmap");

  private Commands() {}

  /** Adds the one command that the arguments name, or all where they name none. */
  static void addTo(CommandLine top, Console console, String... args) {
    String asked = asked(args);
    for (String name : NAMES.contains(asked) ? List.of(asked) : NAMES) {
      int space = name.indexOf(' ');
      if (space < 0) {
        top.addSubcommand(command(name, console));
      } else {
        group(top, name.substring(0, space)).addSubcommand(command(name, console));
      }
    }
  }

  /** The first word that is no option, and for a group's command the next one with it. */
  private static String asked(String... args) {
    List<String> words = Arrays.stream(args).filter(arg -> !arg.startsWith("-")).limit(2).toList();
    return words.isEmpty() || NAMES.contains(words.get(0))
        ? String.join("", words.subList(0, Math.min(1, words.size())))
        : String.join(" ", words);
  }

  private static CommandLine group(CommandLine top, String name) {
    @Nullable CommandLine known = top.getSubcommands().get(name);
    if (known != null) {
      return known;
    }
    CommandLine group =
        new CommandLine(
            switch (name) {
              case "volume" -> new VolumeCommand();
              case "layer" -> new LayerCommand();
              default -> new PoolCommand();
            });
    top.addSubcommand(group);
    return group;
  }

  /** Made where it is asked for, as the time zone is read for it. */
  private static Clock clock() {
    return Clock.system(ZoneId.systemDefault());
  }

  private static Object command(String name, Console console) {
    return switch (name) {
      case "mount" -> new MountCommand(console);
      case "umount" -> new UmountCommand();
      case "union" -> new UnionCommand(console);
      case "ls" -> new LsCommand(console);
      case "cat" -> new CatCommand(console);
      case "cp" -> new CpCommand(console);
      case "init" -> new InitCommand();
      case "images" -> new ImagesCommand(console, clock());
      case "history" -> new HistoryCommand(console, clock());
      case "inspect" -> new InspectCommand(console);
      case "ps" -> new PsCommand(console, clock());
      case "create" -> new CommandLine(new CreateCommand(console)).setStopAtPositional(true);
      case "rm" -> new RmCommand(console);
      case "rmi" -> new RmiCommand(console);
      case "tag" -> new TagCommand(console);
      case "commit" -> new CommitCommand(console);
      case "bundle" -> new BundleCommand(console);
      case "diff" -> new DiffCommand(console);
      case "export" -> new ExportCommand(console);
      case "save" -> new SaveCommand(console);
      case "load" -> new LoadCommand(console);
      case "import" -> new ImportCommand(console);
      case "layer ls" -> new LayerLsCommand(console);
      case "layer size" -> new LayerSizeCommand(console);
      case "volume ls" -> new VolumeLsCommand(console);
      case "volume create" -> new VolumeCreateCommand(console);
      case "volume snapshot" -> new VolumeSnapshotCommand(console);
      case "volume rm" -> new VolumeRmCommand(console);
      case "volume rename" -> new VolumeRenameCommand(console);
      case "volume resize" -> new VolumeResizeCommand(console);
      case "volume discard" -> new VolumeDiscardCommand(console);
      case "volume trim" -> new VolumeTrimCommand(console);
      case "volume import" -> new VolumeImportCommand(console);
      case "volume export" -> new VolumeExportCommand(console);
      case "volume diff" -> new VolumeDiffCommand(console);
      case "pool status" -> new PoolStatusCommand(console);
      case "pool create" -> new PoolCreateCommand();
      case "pool check" -> new PoolCheckCommand(console);
      case "pool dump" -> new PoolDumpCommand(console);
      case "pool restore" -> new PoolRestoreCommand(console);
      case "pool repair" -> new PoolRepairCommand(console);
      case "pool rmap" -> new PoolRmapCommand(console);
      default -> throw new IllegalArgumentException(name);
    };
  }
}
