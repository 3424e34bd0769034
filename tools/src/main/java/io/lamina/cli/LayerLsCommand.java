package io.lamina.cli;

import io.lamina.layer.DockerLayers;
import io.lamina.layer.LayerStack;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists layers. */
@Command(
    name = "ls",
    mixinStandardHelpOptions = true,
    description = {
      "Lists the layers of a docker root, or of one image or container, the topmost first.",
      "SIZE is what docker counted when the layer was made; containers' own it counts never."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is nothing of that name",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina layer ls --root /var/lib/docker app:1"})
final class LayerLsCommand implements Callable<Integer>, OnRoot {
  private static final int SHORT = 12;
  private static final String INIT = "-init";

  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();

  @Option(names = "--no-trunc", description = "Ids in full.")
  private boolean noTrunc;

  @Parameters(arity = "0..1", paramLabel = "CONTAINER|IMAGE", description = "Only layers of it.")
  private @Nullable String name;

  LayerLsCommand(Console console) {
    this.console = console;
  }

  @Override
  public RootArguments root() {
    return root;
  }

  @Override
  public Integer call() throws IOException {
    console.roots().look(root.source(), this::list);
    return console.exitCode();
  }

  private void list(DockerLayers layers) throws IOException {
    Map<String, Long> sizes = layers.sizes(console::failed);
    Table table = new Table("LAYER", "BELOW", ">DEPTH", ">SIZE");
    for (LayerStack stack : AskedLayers.of(layers, name, console)) {
      add(table, stack, sizes);
    }
    table.print(console);
  }

  private void add(Table table, LayerStack stack, Map<String, Long> sizes) throws IOException {
    String id = stack.layers().get(0).id();
    Long size = sizes.get(stack.layers().get(0).driverId());
    table.row(
        shown(id),
        stack.below().isEmpty() ? "-" : shown(stack.below().get(0).id()),
        Integer.toString(stack.layers().size()),
        size == null ? "-" : Sizes.of(size));
  }

  private String shown(String id) {
    if (noTrunc || id.length() <= SHORT) {
      return id;
    }
    return id.endsWith(INIT) ? id.substring(0, SHORT) + INIT : id.substring(0, SHORT);
  }
}
