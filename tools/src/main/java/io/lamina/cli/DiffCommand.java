package io.lamina.cli;

import io.lamina.layer.DockerLayers;
import io.lamina.layer.change.Change;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists what a container or an image changed. */
@Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the files that a container, or the topmost layer of an image, changed: A added, C"
          + " changed, D deleted, as docker diff does.",
      "A container is compared with what docker made for it, an image with the layer below."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is nothing of that name",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina diff --root /var/lib/docker web"})
final class DiffCommand implements Callable<Integer>, OnRoot {
  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();

  @Parameters(
      paramLabel = "CONTAINER|IMAGE|LAYER",
      description = "Its name, its id, or the first digits of that.")
  private String name = "";

  DiffCommand(Console console) {
    this.console = console;
  }

  @Override
  public RootArguments root() {
    return root;
  }

  @Override
  public Integer call() throws IOException {
    console.roots().look(root.source(), this::list);
    return 0;
  }

  private void list(DockerLayers layers) throws IOException {
    for (Change change : layers.changes(layers.find(Text.decoded(name)))) {
      console.line(change.kind().letter() + " " + console.name(change.path().latin1()));
    }
  }
}
