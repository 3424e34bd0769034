package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The layout before docker 1.10: {@code graph/<id>/json}, one image for each layer.
 *
 * @see <a href="https://github.com/moby/moby/blob/v1.9.1/graph/graph.go">graph.go of docker 1.9</a>
 */
final class GraphStore extends DockerStore {
  private static final String INIT = "-init";

  GraphStore(Path root, String driver) {
    super(root, driver);
  }

  @Override
  public boolean isOld() {
    return true;
  }

  @Override
  public TagStore tags() throws IOException {
    return TagStore.readOld(root().resolve("repositories-" + driver()));
  }

  @Override
  public List<Id> imageIds() throws IOException {
    return RecordFile.names(graph(), Id::isHex).stream().map(Id::random).toList();
  }

  private Path graph() {
    return root().resolve("graph");
  }

  private Path directory(Id id) {
    return graph().resolve(id.hex());
  }

  private Path jsonFile(Id id) {
    return directory(id).resolve("json");
  }

  @Override
  public ImageRecord image(Id id) throws IOException {
    if (!Files.isDirectory(directory(id))) {
      throw new NotFoundException("No such image: " + id);
    }
    byte[] bytes = RecordFile.bytes(jsonFile(id));
    JsonObject json = JsonObject.parse(jsonFile(id).toString(), bytes);
    return new ImageRecord(id, parent(id, json), bytes, json, layersTo(id));
  }

  @Override
  public List<LayerRecord> layersTo(@Nullable Id top) throws IOException {
    List<LayerRecord> layers = new ArrayList<>();
    if (top != null) {
      for (Map.Entry<Id, JsonObject> image : chain(top).entrySet()) {
        layers.add(layer(image.getKey(), image.getValue()));
      }
    }
    Collections.reverse(layers);
    return layers;
  }

  /** The records of an image and all it was made from, the image itself first. */
  private Map<Id, JsonObject> chain(Id id) throws IOException {
    Map<Id, JsonObject> chain = new LinkedHashMap<>();
    for (Id at = id; at != null; ) {
      JsonObject json = read(at, chain);
      chain.put(at, json);
      at = parent(at, json);
      if (at != null && chain.containsKey(at)) {
        throw new IOException(json + ": parent: " + at + " was made from this very image");
      }
    }
    return chain;
  }

  private JsonObject read(Id id, Map<Id, JsonObject> madeFromIt) throws IOException {
    try {
      return JsonObject.read(jsonFile(id));
    } catch (NoSuchFileException e) {
      throw madeFromIt.isEmpty()
          ? e
          : new IOException(jsonFile(id) + ": is missing, images were made from it", e);
    }
  }

  private @Nullable Id parent(Id id, JsonObject json) throws IOException {
    String parent = json.text("parent");
    return parent.isEmpty() ? null : Id.random(Id.parse(jsonFile(id) + ": parent", parent).hex());
  }

  private LayerRecord layer(Id id, JsonObject json) throws IOException {
    Path sizeFile = directory(id).resolve("layersize");
    long size = Files.exists(sizeFile) ? RecordFile.number(sizeFile) : json.number("Size");
    return new LayerRecord(id, null, id.hex(), parent(id, json), size, directory(id));
  }

  @Override
  public List<LayerRecord> layers() throws IOException {
    List<LayerRecord> layers = new ArrayList<>();
    for (Id id : imageIds()) {
      layers.add(layer(id, JsonObject.read(jsonFile(id))));
    }
    return layers;
  }

  @Override
  public List<HistoryEntry> history(ImageRecord image) throws IOException {
    List<HistoryEntry> history = new ArrayList<>();
    for (Map.Entry<Id, JsonObject> step : chain(image.id()).entrySet()) {
      JsonObject json = step.getValue();
      history.add(
          new HistoryEntry(
              step.getKey(),
              json.time("created"),
              String.join(" ", command(json.object("container_config"))),
              layer(step.getKey(), json).size(),
              json.text("comment")));
    }
    return history;
  }

  /** Docker's first versions wrote a command as one text. */
  private static List<String> command(JsonObject config) throws IOException {
    return config.value("Cmd") instanceof String one ? List.of(one) : config.texts("Cmd");
  }

  @Override
  public ContainerRecord container(Id id) throws IOException {
    JsonObject config = JsonObject.read(containers().resolve(id.hex()).resolve("config.json"));
    String image = config.text("Image");
    return new ContainerRecord(
        id,
        config,
        hostConfig(id),
        id.hex(),
        id.hex() + INIT,
        image.isEmpty() ? null : Id.parse(config + ": Image", image));
  }
}
