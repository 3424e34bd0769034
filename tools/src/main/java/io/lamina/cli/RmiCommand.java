package io.lamina.cli;

import io.lamina.layer.WritableRoot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes images. */
@Command(
    name = "rmi",
    description = {
      "Removes images: the name that is given, and with its last name the image, and the layers that"
          + " no other image has.",
      "What went is told line by line, as docker rmi does."
    },
    footer = {"", "Example:", "  lamina rmi --root /srv/images app:1"})
final class RmiCommand extends RootCommand {
  @Option(
      names = {"-f", "--force"},
      description = "Remove images that have other names, or that containers need.")
  private boolean force;

  @Option(names = "--no-prune", description = "Keep nameless images that it was made from.")
  private boolean keepsParents;

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "Its name, its id, or the first digits of that.")
  private final List<String> images = new ArrayList<>();

  RmiCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) {
    for (String image : images) {
      try {
        for (String line : opened.removeImage(Text.decoded(image), force, keepsParents)) {
          console().line(line);
        }
      } catch (IOException e) {
        console().failed(e);
      }
    }
  }
}
