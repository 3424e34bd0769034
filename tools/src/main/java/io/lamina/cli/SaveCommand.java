package io.lamina.cli;

import io.lamina.layer.DockerLayers;
import io.lamina.layer.image.ImageSave;
import io.lamina.layer.image.NamedImage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes images as an archive. */
@Command(
    name = "save",
    mixinStandardHelpOptions = true,
    description =
        "Writes images as an archive that docker, podman and skopeo load, as docker save does. The"
            + " tars of the layers are those that they came with, so that the images keep their"
            + " ids. An image of before docker 1.10 gets the id that a newer docker gives it.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such image, or the output could not be written",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {"", "Example:", "  lamina save --root /var/lib/docker -o app.tar app:1 app:2"})
final class SaveCommand implements Callable<Integer>, OnRoot {
  private final Console console;

  @Mixin private final RootArguments root = new RootArguments();
  @Mixin private final ArchiveTarget target = new ArchiveTarget();

  @Parameters(
      paramLabel = "IMAGE",
      arity = "1..*",
      description =
          "Its name, its id, or the first digits of that. A name without a tag stands for all tags"
              + " of that repository; an id for the image without its names.")
  private List<String> names = List.of();

  SaveCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    target.requireNoTerminal(console);
    console.roots().look(root.source(), this::save);
    return 0;
  }

  private void save(DockerLayers layers) throws IOException {
    try (CopyProgress progress = new CopyProgress(console)) {
      List<NamedImage> images = NamedImage.find(layers.store(), Text.decodedAll(names));
      ImageSave archive = ImageSave.of(layers, images, progress);
      target.write(console, archive::writeTo);
    }
  }

  @Override
  public RootArguments root() {
    return root;
  }
}
