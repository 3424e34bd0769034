package io.lamina.cli;

import io.lamina.graph.Reference;
import io.lamina.layer.WritableRoot;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Gives an image one more name. */
@Command(
    name = "tag",
    description = "Gives an image one more name. Another image that has the name loses it.",
    footer = {"", "Example:", "  lamina tag --root /srv/images app:1 registry.example.com/app:1"})
final class TagCommand extends RootCommand {
  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description = "Its name, its id, or the first digits of that.")
  private String image = "";

  @Parameters(index = "1", paramLabel = "NAME[:TAG]", description = "The new name.")
  private String name = "";

  TagCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) throws IOException {
    Reference newName = newName(name);
    opened.tag(newName, opened.store().findImage(Text.decoded(image)));
  }
}
