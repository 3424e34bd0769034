package io.lamina.cli;

import io.lamina.layer.DockerLayers;
import io.lamina.layer.LayerSize;
import io.lamina.layer.LayerStack;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Tells how much room layers take. */
@Command(
    name = "size",
    mixinStandardHelpOptions = true,
    description = {
      "Tells how much room the layers of a docker root take, or those of one image or container.",
      "APPARENT: lengths of the files that the layer changed. UNIQUE: room that only the layer takes:"
          + " of its directory, or of the blocks that its device alone refers to. SHARED: room that it"
          + " has in common with others: of the directories below, or of blocks of other devices too."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is nothing of that name",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina layer size --root /var/lib/docker"})
final class LayerSizeCommand implements Callable<Integer>, OnRoot {
  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();

  @Option(names = "--bytes", description = "Bytes instead of rounded sizes.")
  private boolean bytes;

  @Parameters(arity = "0..1", paramLabel = "CONTAINER|IMAGE", description = "Only layers of it.")
  private @Nullable String name;

  LayerSizeCommand(Console console) {
    this.console = console;
  }

  @Override
  public RootArguments root() {
    return root;
  }

  @Override
  public Integer call() throws IOException {
    Table table = new Table("LAYER", ">APPARENT", ">UNIQUE", ">SHARED");
    console.roots().look(root.source(), layers -> list(layers, table));
    table.print(console);
    return console.exitCode();
  }

  private void list(DockerLayers layers, Table table) throws IOException {
    for (LayerStack stack : AskedLayers.of(layers, name, console)) {
      String id = stack.layers().get(0).id();
      try {
        LayerSize size = layers.size(stack);
        table.row(
            id, text(size.apparentBytes()), text(size.uniqueBytes()), text(size.sharedBytes()));
      } catch (IOException e) {
        console.failed("layer " + id, e);
      }
    }
  }

  private String text(long byteCount) {
    return bytes ? Long.toString(byteCount) : Sizes.of(byteCount);
  }
}
