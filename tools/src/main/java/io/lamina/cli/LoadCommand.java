package io.lamina.cli;

import io.lamina.graph.Id;
import io.lamina.graph.Reference;
import io.lamina.layer.WritableRoot;
import io.lamina.layer.image.ArchiveFiles;
import io.lamina.layer.image.ImageArchive;
import io.lamina.layer.image.ImageLoad;
import io.lamina.layer.image.ImageLoad.Loaded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Loads the images of an archive. */
@Command(
    name = "load",
    description = {
      "Loads the images of an archive, with their names: one of docker save of any age, or of"
          + " podman, skopeo and others, or an OCI layout, as a tar or a directory. The archive and"
          + " its layers may be compressed with gzip or zstd. Images keep their ids; those of"
          + " before docker 1.10 get the ids that a newer docker gives them.",
      "All digests are verified. Where it ends early, no image is there by half."
    },
    footer = {
      "",
      "Example:",
      "  lamina load --root /srv/images -i app.tar",
      "  docker save app:1 | lamina load --root /srv/images"
    })
final class LoadCommand extends RootCommand {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description =
          "Read the archive from a file, or from the directory of an OCI layout, instead of"
              + " standard input.")
  private @Nullable String input;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress.")
  private boolean quiet;

  LoadCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) throws IOException {
    List<Loaded> images = load(opened);
    for (Loaded image : images) {
      for (Reference name : image.names()) {
        tag(opened, name, image.id());
      }
      if (image.names().isEmpty()) {
        console().line("Loaded image ID: " + image.id());
      }
    }
  }

  private List<Loaded> load(WritableRoot opened) throws IOException {
    Path scratch = opened.store().writer().unfinished();
    try (CopyProgress progress =
            quiet ? CopyProgress.hidden(console()) : new CopyProgress(console());
        ArchiveFiles archive =
            input == null
                ? ImageArchive.open(console().in(), scratch)
                : ImageArchive.open(console().path(input), scratch)) {
      return ImageLoad.load(opened, archive, progress);
    }
  }

  private void tag(WritableRoot opened, Reference name, Id image) throws IOException {
    Optional<Id> before = opened.store().tags().find(name);
    opened.tag(name, image);
    if (before.isPresent() && !before.get().equals(image)) {
      console()
          .line(
              "The image "
                  + name
                  + " already exists, renaming the old one with ID "
                  + before.get()
                  + " to empty string");
    }
    console().line("Loaded image: " + name);
  }
}
