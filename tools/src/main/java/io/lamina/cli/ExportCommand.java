package io.lamina.cli;

import io.lamina.fs.FileTree;
import io.lamina.graph.Id;
import io.lamina.layer.DockerLayers;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes a container's root file system as a tar. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description =
        "Writes the root file system of a container as a tar, as docker export does. Unlike docker"
            + " it keeps all extended attributes, not only capabilities.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such container, or the output could not be written",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina export --root /var/lib/docker -o web.tar web"})
final class ExportCommand implements Callable<Integer>, OnRoot {
  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();
  @Mixin private final ArchiveTarget target = new ArchiveTarget();

  @Parameters(
      paramLabel = "CONTAINER",
      description = "Its name, its id, or the first digits of that.")
  private String name = "";

  ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public RootArguments root() {
    return root;
  }

  @Override
  public Integer call() throws IOException {
    target.requireNoTerminal(console);
    console.roots().look(root.source(), this::export);
    return 0;
  }

  private void export(DockerLayers layers) throws IOException {
    Id container = layers.store().findContainer(Text.decoded(name));
    FileTree files = layers.merged(layers.stack(container.hex()));
    target.write(console, out -> write(files, out));
  }

  private static void write(FileTree files, OutputStream out) throws IOException {
    // Not closed after a failure: a tar that has an end looks whole.
    TarWriter tar = new TarWriter(out);
    new TreeTar(tar).writeBelow(files.root());
    tar.close();
  }
}
