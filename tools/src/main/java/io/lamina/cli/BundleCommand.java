package io.lamina.cli;

import io.lamina.graph.ContainerRecord;
import io.lamina.graph.RuntimeSpec;
import io.lamina.layer.ContainerUser;
import io.lamina.layer.DockerLayers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a container one that runc runs. */
@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    description = {
      "Writes DIR/config.json, with which runc and its like run a container: its program, environment"
          + " and user, and as its root file system mnt/<id> of the mounted root.",
      "The container gets namespaces of its own, docker's usual capabilities, and no network. A program"
          + " that runs as another user than the one who mounted the root needs it mounted with"
          + " -o allow_other."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such container, or the file could not be written",
      "2:wrong usage",
      "3:the root is not mounted, or damaged"
    },
    footer = {
      "",
      "Example:",
      "  lamina mount -o allow_other /srv/images /mnt/images",
      "  lamina bundle --root /srv/images web /run/web && runc run -b /run/web web"
    })
final class BundleCommand implements Callable<Integer>, OnRoot {
  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();

  @Option(
      names = "--mounted",
      paramLabel = "DIR",
      description = "Where the root is mounted; known where it is mounted for writing.")
  private @Nullable Path mounted;

  @Parameters(
      index = "0",
      paramLabel = "CONTAINER",
      description = "Its name, its id, or the first digits of that.")
  private String name = "";

  @Parameters(index = "1", paramLabel = "DIR", description = "Where config.json goes.")
  private Path directory = Path.of("");

  BundleCommand(Console console) {
    this.console = console;
  }

  @Override
  public RootArguments root() {
    return root;
  }

  @Override
  public Integer call() throws IOException {
    Path mount = mounted == null ? console.roots().mountPoint().orElse(null) : mounted;
    if (mount == null) {
      throw new IOException(
          root.path() + ": is not mounted for writing; 'lamina mount' or --mounted says where");
    }
    console.roots().look(root.source(), layers -> write(layers, mount));
    return 0;
  }

  private void write(DockerLayers layers, Path mount) throws IOException {
    ContainerRecord container =
        layers.store().container(layers.store().findContainer(Text.decoded(name)));
    String user = container.config().object("Config").text("User");
    Path rootFs = mount.toAbsolutePath().normalize().resolve("mnt").resolve(container.id().hex());
    byte[] spec =
        RuntimeSpec.of(
            container,
            rootFs.toString(),
            ContainerUser.of(user, layers.merged(layers.stack(container.id().hex()))));
    Files.createDirectories(directory);
    Files.write(directory.resolve("config.json"), spec);
  }
}
