package io.lamina.cli;

import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes containers. */
@Command(
    name = "rm",
    description = {
      "Removes containers, with all that was written in them.",
      "Each that went is told by the name that was given, as docker rm does."
    },
    footer = {"", "Example:", "  lamina rm --root /srv/images web"})
final class RmCommand extends RootCommand {
  @Option(
      names = {"-f", "--force"},
      description = "Remove one that docker noted as running, too.")
  private boolean force;

  @Parameters(
      arity = "1..*",
      paramLabel = "CONTAINER",
      description = "Its name, its id, or the first digits of that.")
  private final List<String> containers = new ArrayList<>();

  RmCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) {
    for (String container : containers) {
      try {
        opened.removeContainer(Text.decoded(container), force);
        console().line(container);
      } catch (IOException e) {
        console().failed(e);
      }
    }
  }
}
