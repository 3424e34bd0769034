package io.lamina.cli;

import io.lamina.graph.ConfigChanges;
import io.lamina.graph.Id;
import io.lamina.graph.ImageConfig;
import io.lamina.graph.JsonObject;
import io.lamina.graph.Reference;
import io.lamina.layer.StoredLayer;
import io.lamina.layer.WritableRoot;
import io.lamina.layer.image.Architecture;
import io.lamina.layer.image.Decompression;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an image of a tar. */
@Command(
    name = "import",
    description = {
      "Makes an image with one layer of the tar of a root file system, which may be compressed with"
          + " gzip or zstd; what lamina export writes, say.",
      "Tells the image's id, as docker import does."
    },
    footer = {
      "",
      "Example:",
      "  lamina import --root /srv/images -c 'CMD [\"/bin/sh\"]' rootfs.tar.gz base:1"
    })
final class ImportCommand extends RootCommand {
  private static final String STDIN = "-";

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description =
          "What the image's config is to say, as a Dockerfile has it: CMD, ENTRYPOINT, ENV, EXPOSE,"
              + " HEALTHCHECK, LABEL, ONBUILD, USER, VOLUME, WORKDIR. May be given often.")
  private final List<String> changes = new ArrayList<>();

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "What is said of it; it becomes the comment of the image's only step.")
  private String message = "Imported from -";

  @Parameters(index = "0", paramLabel = "FILE", description = "The tar; - for standard input.")
  private String file = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME[:TAG]",
      description = "What the image is to be called.")
  private @Nullable String name;

  ImportCommand(Console console) {
    super(console);
  }

  @Override
  void change(WritableRoot opened) throws IOException {
    @Nullable Reference newName = newNameIfGiven(name);
    JsonObject none = JsonObject.parse("config", new byte[] {'{', '}'});
    Map<String, @Nullable Object> config = ConfigChanges.applied(none, Text.decodedAll(changes));
    StoredLayer layer = addLayer(opened);
    Id diffId = Objects.requireNonNull(layer.record().diffId());
    ImageConfig image =
        ImageConfig.ofImport(config, Text.decoded(message), Architecture.ofThisMachine(), diffId);
    Id id = opened.addImage(image.bytes(), layer, null);
    made(opened, id, newName);
  }

  private StoredLayer addLayer(WritableRoot opened) throws IOException {
    try (CopyProgress progress = new CopyProgress(console());
        InputStream in = opened(progress)) {
      return opened.addLayer(null, Decompression.of(in), null);
    }
  }

  private InputStream opened(CopyProgress progress) throws IOException {
    if (file.equals(STDIN)) {
      return new CountedInput(console().in(), progress);
    }
    return CountedInput.of(console().path(file), progress);
  }
}
