package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The layout before docker 1.10: {@code graph/<id>/json}, one image for each layer.
 *
 * @see <a href="https://github.com/moby/moby/blob/v1.9.1/graph/graph.go">graph.go of docker 1.9</a>
 */
final class GraphStore extends DockerStore {
  private static final String INIT = "-init";

  /** In an image's {@code json}, and as a file beside it, which then is what counts. */
  private static final String PARENT = "parent";

  /** In place of it where docker 1.8 or 1.9 got the image from a registry: a digest. */
  private static final String PARENT_ID = "parent_id";

  private static final String IMAGE = "Image";

  /** Beside an image's {@code json}: the config that docker since 1.10 has in place of it. */
  static final String CONFIG = "config";

  /** Beside a layer's {@code json}, where it is no image of its own: the digest of its tar. */
  static final String DIFF_ID = "diffid";

  /** Beside an image's config: the image that it was made from. */
  static final String MADE_FROM = "made-from";

  private final Predicate<String> present;

  /** What was made from what, as it was read. */
  private final Map<Id, KnownParent> parents = new ConcurrentHashMap<>();

  /**
   * What one file said; another may come in its place, where an image is removed and comes back.
   */
  private record KnownParent(Object file, FileTime written, @Nullable Id parent) {
    boolean isOf(BasicFileAttributes now) {
      return file.equals(now.fileKey()) && written.equals(now.lastModifiedTime());
    }
  }

  /**
   * Of a storage driver.
   *
   * @param present which entries are its own; another driver's may lie among them
   */
  GraphStore(Path root, String driver, Predicate<String> present) {
    super(root, driver);
    this.present = present;
  }

  @Override
  public boolean isOld() {
    return true;
  }

  @Override
  public RecordWriter writer() {
    return new GraphWriter(this);
  }

  private Path tagFile() {
    return root().resolve("repositories-" + driver());
  }

  @Override
  public TagStore tags(LeftOut damaged) throws IOException {
    return TagStore.readOld(tagFile(), id -> imageId(id.hex()), damaged);
  }

  @Override
  public List<Id> imageIds() throws IOException {
    return entries().stream().filter(hex -> !isLayerOnly(hex)).map(this::imageId).sorted().toList();
  }

  private List<String> entries() throws IOException {
    return RecordFile.names(graph(), name -> Id.isHex(name) && present.test(name));
  }

  private boolean isLayerOnly(String hex) {
    return Files.exists(graph().resolve(hex).resolve(DIFF_ID));
  }

  /** An image with a config goes by the digest of that, as it does since docker 1.10. */
  Id imageId(String hex) {
    return Files.exists(graph().resolve(hex).resolve(CONFIG)) ? Id.digest(hex) : Id.random(hex);
  }

  @Override
  public boolean hasImage(Id id) {
    return Files.exists(jsonFile(id)) && !isLayerOnly(id.hex()) && present.test(id.hex());
  }

  private Path graph() {
    return root().resolve("graph");
  }

  Path directory(Id id) {
    return graph().resolve(id.hex());
  }

  private Path jsonFile(Id id) {
    return directory(id).resolve("json");
  }

  @Override
  public ImageRecord image(Id id) throws IOException {
    if (!Files.isDirectory(directory(id)) || isLayerOnly(id.hex())) {
      throw new NotFoundException("No such image: " + id);
    }
    Path config = directory(id).resolve(CONFIG);
    if (Files.exists(config)) {
      return withConfig(Id.digest(id.hex()), config);
    }
    byte[] bytes = RecordFile.bytes(jsonFile(id));
    JsonObject json = JsonObject.parse(jsonFile(id).toString(), bytes);
    return new ImageRecord(id, parent(id, json), bytes, json, layers(chain(id, json)));
  }

  /** Its own entry is a layer without files, on top of those that its config names. */
  private ImageRecord withConfig(Id id, Path config) throws IOException {
    byte[] bytes = RecordFile.bytes(config);
    Id digest = Id.digestOf(bytes);
    if (!digest.equals(id)) {
      throw new IOException(config + ": digest: expected " + id + ", found " + digest);
    }
    Path madeFrom = directory(id).resolve(MADE_FROM);
    @Nullable Id from =
        Files.exists(madeFrom)
            ? imageId(Id.parse(madeFrom.toString(), RecordFile.line(madeFrom)).hex())
            : null;
    List<LayerRecord> layers = layersTo(id);
    return new ImageRecord(
        id,
        from,
        bytes,
        JsonObject.parse(config.toString(), bytes),
        layers.subList(0, layers.size() - 1));
  }

  @Override
  public String driverId(Id layer) {
    return layer.hex();
  }

  @Override
  public List<String> driverIdsBelow(Id layer) throws IOException {
    Set<Id> below = new LinkedHashSet<>();
    for (Id at = parent(layer); at != null; at = parentOfParent(at)) {
      if (at.equals(layer) || !below.add(at)) {
        throw madeFromItself(jsonFile(at), at);
      }
    }
    return below.stream().map(Id::hex).toList();
  }

  private @Nullable Id parentOfParent(Id id) throws IOException {
    try {
      return parent(id);
    } catch (NoSuchFileException e) {
      throw missing(id, e);
    }
  }

  private @Nullable Id parent(Id id) throws IOException {
    Path file = jsonFile(id);
    var now = Files.readAttributes(file, BasicFileAttributes.class);
    KnownParent known = parents.get(id);
    if (known == null || !known.isOf(now)) {
      @Nullable Id parent = parent(id, field -> JsonText.read(file, field));
      known = new KnownParent(now.fileKey(), now.lastModifiedTime(), parent);
      parents.put(id, known);
    }
    return known.parent();
  }

  private static IOException madeFromItself(Object record, Id id) {
    return new IOException(record + ": parent: " + id + " was made from this very image");
  }

  private IOException missing(Id id, Throwable cause) {
    return new IOException(jsonFile(id) + ": is missing, images were made from it", cause);
  }

  @Override
  public List<LayerRecord> layersTo(@Nullable Id top) throws IOException {
    return top == null ? List.of() : layers(chain(top, JsonObject.read(jsonFile(top))));
  }

  private List<LayerRecord> layers(Map<Id, JsonObject> chain) throws IOException {
    List<LayerRecord> layers = new ArrayList<>();
    for (Map.Entry<Id, JsonObject> image : chain.entrySet()) {
      layers.add(layer(image.getKey(), image.getValue()));
    }
    Collections.reverse(layers);
    return layers;
  }

  /** The records of an image and all it was made from, the image itself first. */
  private Map<Id, JsonObject> chain(Id id, JsonObject image) throws IOException {
    Map<Id, JsonObject> chain = new LinkedHashMap<>();
    chain.put(id, image);
    for (Id at = parent(id, image); at != null; ) {
      JsonObject json = read(at);
      if (chain.putIfAbsent(at, json) != null) {
        throw madeFromItself(json, at);
      }
      at = parent(at, json);
    }
    return chain;
  }

  private JsonObject read(Id id) throws IOException {
    try {
      return JsonObject.read(jsonFile(id));
    } catch (NoSuchFileException e) {
      throw missing(id, e);
    }
  }

  private @Nullable Id parent(Id id, JsonObject json) throws IOException {
    return parent(id, json::text);
  }

  /** Reads a text of a record; empty where it has none. */
  private interface Texts {
    String of(String field) throws IOException;
  }

  /**
   * The image that one was made from. An image from a registry names its parent by a digest; that
   * may have been here already under another id, which docker then wrote beside the record.
   */
  private @Nullable Id parent(Id id, Texts json) throws IOException {
    Path beside = directory(id).resolve(PARENT);
    if (Files.exists(beside)) {
      return parent(beside.toString(), RecordFile.line(beside));
    }
    @Nullable Id parent = parent(jsonFile(id) + ": " + PARENT, json.of(PARENT));
    return parent != null ? parent : parent(jsonFile(id) + ": " + PARENT_ID, json.of(PARENT_ID));
  }

  private static @Nullable Id parent(String where, String text) throws IOException {
    return text.isEmpty() ? null : Id.random(Id.parse(where, text).hex());
  }

  @Override
  LayerRecord layer(Id id) throws IOException {
    return layer(id, JsonObject.read(jsonFile(id)));
  }

  private LayerRecord layer(Id id, JsonObject json) throws IOException {
    Path sizeFile = directory(id).resolve("layersize");
    long size = Files.exists(sizeFile) ? RecordFile.number(sizeFile) : json.number("Size");
    Path diffId = directory(id).resolve(DIFF_ID);
    return new LayerRecord(
        Id.random(id.hex()),
        Files.exists(diffId) ? Id.parse(diffId.toString(), RecordFile.line(diffId)) : null,
        id.hex(),
        parent(id, json),
        size,
        directory(id));
  }

  @Override
  List<Id> layerIds() throws IOException {
    return entries().stream().map(Id::random).toList();
  }

  @Override
  public List<LayerRecord> plainLayers() throws IOException {
    return layers(layerIds().stream().filter(id -> isLayerOnly(id.hex())).toList());
  }

  @Override
  public Map<String, TopLayer> stacks(LeftOut damaged) throws IOException {
    Map<String, TopLayer> stacks = new LinkedHashMap<>();
    for (String hex : entries()) {
      stacks.put(hex, () -> topLayer(Id.random(hex)));
    }
    return stacks;
  }

  /** The entry of an image with a config is a layer without files, which is not shown. */
  private @Nullable Id topLayer(Id entry) throws IOException {
    return Files.exists(directory(entry).resolve(CONFIG)) ? parent(entry) : entry;
  }

  @Override
  public List<HistoryEntry> history(ImageRecord image) throws IOException {
    if (image.id().isDigest()) {
      return ConfigHistory.of(this, image);
    }
    List<HistoryEntry> history = new ArrayList<>();
    for (Map.Entry<Id, JsonObject> step : chain(image.id(), image.json()).entrySet()) {
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
    JsonObject config = JsonObject.read(containerConfig(id));
    @Nullable Id parent = imageLayer(config.toString(), config.text(IMAGE));
    return new ContainerRecord(
        id,
        config,
        hostConfig(id),
        containerLayers(id),
        parent,
        parent == null ? null : imageId(parent.hex()));
  }

  private static @Nullable Id imageLayer(String record, String image) throws IOException {
    return image.isEmpty() ? null : Id.random(Id.parse(record + ": " + IMAGE, image).hex());
  }

  @Override
  public @Nullable Id topLayerBelow(Id container) throws IOException {
    Path config = containerConfig(container);
    return imageLayer(config.toString(), JsonText.read(config, IMAGE));
  }

  @Override
  Path containerConfig(Id id) {
    return containers().resolve(id.hex()).resolve("config.json");
  }

  @Override
  public ContainerLayers containerLayers(Id container) {
    return new ContainerLayers(container.hex(), container.hex() + INIT);
  }
}
