package io.lamina.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lamina.fs.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists files of a pool's volumes. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = "Lists files of a pool's volumes, one a line, as ls does; owners are numbers.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a file is not there",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {
      "",
      "A colon may be part of SOURCE: the longest beginning that is a pool is taken.",
      "",
      "Example:",
      "  lamina ls -l /srv/pool:3/etc"
    })
final class LsCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final PoolArguments pool;

  @Option(names = "-l", description = "Mode, links, owner, group, size, time.")
  private boolean isLong;

  @Option(names = "-R", description = "Directories below, too.")
  private boolean recursive;

  @Option(names = "-a", description = "Names that begin with a dot, too.")
  private boolean all;

  @Option(names = "-d", description = "Directories themselves, not what is in them.")
  private boolean directories;

  @Option(names = "--json", description = "Write JSON, with all that -l shows and more.")
  private boolean json;

  @Parameters(arity = "1..*", paramLabel = Location.FORM, description = "What to list.")
  private final List<String> files = new ArrayList<>();

  LsCommand(Console console) {
    this.console = console;
    this.pool = new PoolArguments(console);
  }

  /** An operand that was found. */
  private record Operand(String text, Node node, Node parent) {}

  @Override
  public Integer call() throws IOException {
    try (OpenPools pools = new OpenPools(pool)) {
      List<Operand> asFiles = new ArrayList<>();
      List<Operand> asDirectories = new ArrayList<>();
      for (String file : files) {
        find(pools, file, asFiles, asDirectories);
      }
      if (json) {
        try (JsonGenerator out = Json.to(console)) {
          out.writeStartArray();
          list(new JsonListing(console, out), asFiles, asDirectories);
          out.writeEndArray();
        }
        console.line("");
      } else {
        list(
            new TextListing(console, isLong, files.size() > 1 || recursive),
            asFiles,
            asDirectories);
      }
    }
    return console.exitCode();
  }

  private void find(
      OpenPools pools, String file, List<Operand> asFiles, List<Operand> asDirectories) {
    Location location = pools.location(file);
    try {
      Node root = pools.tree(location).root();
      PathWalk.Found found = PathWalk.find(root, pools.path(location), !isLong && !directories);
      boolean inside = !directories && found.node().attributes().isDirectory();
      (inside ? asDirectories : asFiles).add(new Operand(file, found.node(), found.parent()));
    } catch (IOException e) {
      console.failed(Text.display(file), e);
    }
  }

  private void list(Listing listing, List<Operand> asFiles, List<Operand> asDirectories)
      throws IOException {
    List<Listing.Entry> entries = new ArrayList<>();
    for (Operand operand : asFiles) {
      entries.add(new Listing.Entry(operand.text, operand.node));
    }
    if (!entries.isEmpty()) {
      listing.files(entries);
    }
    for (Operand operand : asDirectories) {
      new DirectoryLister(console, listing, all, recursive)
          .list(operand.text, operand.node, operand.parent);
    }
  }
}
