package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The layout of docker 1.10 and later: {@code image/<driver>/imagedb} has the images by the digest
 * of their record, {@code layerdb} the layers by their chain id.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/layer/filestore.go">layerdb</a>
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/fs.go">imagedb</a>
 */
final class ImageStore extends DockerStore {
  private static final String SHA256 = "sha256";
  static final String PARENT = "parent";

  /** A name in the driver's directory, and no path. */
  private static final Pattern DRIVER_ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");

  ImageStore(Path root, String driver) {
    super(root, driver);
  }

  @Override
  public boolean isOld() {
    return false;
  }

  @Override
  public RecordWriter writer() {
    return new ImageStoreWriter(this);
  }

  private Path home() {
    return root().resolve("image").resolve(driver());
  }

  Path content() {
    return home().resolve("imagedb").resolve("content").resolve(SHA256);
  }

  /** What docker notes beside an image: its parent, when it was tagged. */
  Path notes(Id image) {
    return home().resolve("imagedb").resolve("metadata").resolve(SHA256).resolve(image.hex());
  }

  private Path layerdb() {
    return home().resolve("layerdb");
  }

  Path layerDirectory(Id chainId) {
    return layerdb().resolve(SHA256).resolve(chainId.hex());
  }

  /** Which layers a container has. */
  Path mountDirectory(Id container) {
    return layerdb().resolve("mounts").resolve(container.hex());
  }

  @Override
  public TagStore tags(LeftOut damaged) throws IOException {
    return TagStore.readNew(home().resolve("repositories.json"), damaged);
  }

  @Override
  public List<Id> imageIds() throws IOException {
    return RecordFile.names(content(), Id::isHex).stream().map(Id::digest).toList();
  }

  @Override
  public boolean hasImage(Id id) {
    return Files.exists(content().resolve(id.hex()));
  }

  @Override
  public ImageRecord image(Id id) throws IOException {
    byte[] bytes = config(id);
    JsonObject json = JsonObject.parse(content().resolve(id.hex()).toString(), bytes);
    List<LayerRecord> layers = new ArrayList<>();
    @Nullable Id below = null;
    for (Id diffId : ChainId.diffIds(json)) {
      Id chainId = ChainId.of(below, diffId);
      layers.add(layer(chainId));
      below = chainId;
    }
    return new ImageRecord(id, parent(id), bytes, json, layers);
  }

  private byte[] config(Id id) throws IOException {
    Path file = content().resolve(id.hex());
    if (!Files.exists(file)) {
      throw new NotFoundException("No such image: " + id);
    }
    byte[] bytes = RecordFile.bytes(file);
    Id digest = Id.digestOf(bytes);
    if (!digest.equals(id)) {
      throw new IOException(file + ": digest: expected its name, found " + digest);
    }
    return bytes;
  }

  private @Nullable Id topLayer(Id image) throws IOException {
    String file = content().resolve(image.hex()).toString();
    @Nullable Id top = null;
    for (Id diffId : ChainId.diffIds(JsonObject.parse(file, config(image)))) {
      top = ChainId.of(top, diffId);
    }
    return top;
  }

  /** What it was made from. As to docker, a note that cannot be read is none. */
  private @Nullable Id parent(Id image) {
    try {
      return optionalId(notes(image).resolve(PARENT));
    } catch (IOException e) {
      return null;
    }
  }

  private static @Nullable Id optionalId(Path file) throws IOException {
    return Files.exists(file) ? Id.parse(file.toString(), RecordFile.line(file)) : null;
  }

  @Override
  LayerRecord layer(Id chainId) throws IOException {
    Path directory = existingDirectory(chainId);
    Path diff = directory.resolve("diff");
    return new LayerRecord(
        chainId,
        Id.parse(diff.toString(), RecordFile.line(diff)),
        driverId(directory.resolve("cache-id")),
        optionalId(directory.resolve(PARENT)),
        RecordFile.number(directory.resolve("size")),
        directory);
  }

  private Path existingDirectory(Id chainId) throws IOException {
    Path directory = layerDirectory(chainId);
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + ": is missing, an image has this layer");
    }
    return directory;
  }

  @Override
  public String driverId(Id layer) throws IOException {
    return driverId(existingDirectory(layer).resolve("cache-id"));
  }

  private static String driverId(Path file) throws IOException {
    String id = RecordFile.line(file);
    if (!DRIVER_ID.matcher(id).matches()) {
      String found = id.length() > 80 ? id.substring(0, 80) + "..." : id;
      throw new IOException(
          file + ": expected a name of the storage driver, found '" + found + "'");
    }
    return id;
  }

  @Override
  List<Id> layerIds() throws IOException {
    return RecordFile.names(layerdb().resolve(SHA256), Id::isHex).stream().map(Id::digest).toList();
  }

  @Override
  public List<LayerRecord> plainLayers() throws IOException {
    return layers();
  }

  @Override
  public Map<String, TopLayer> stacks(LeftOut damaged) throws IOException {
    Map<String, TopLayer> stacks = new LinkedHashMap<>();
    for (Id id : layerIds()) {
      try {
        stacks.put(driverId(id), () -> id);
      } catch (IOException e) {
        damaged.because("layer " + id, e);
      }
    }
    for (Id image : imageIds()) {
      stacks.put(image.hex(), () -> topLayer(image));
    }
    return stacks;
  }

  @Override
  public List<String> driverIdsBelow(Id layer) throws IOException {
    List<String> below = new ArrayList<>();
    for (Id id : chain(layer)) {
      if (!id.equals(layer)) {
        below.add(driverId(id));
      }
    }
    return below;
  }

  /** A layer and all below it, the nearest first. */
  private List<Id> chain(@Nullable Id top) throws IOException {
    Set<Id> chain = new LinkedHashSet<>();
    for (Id at = top; at != null; at = optionalId(layerDirectory(at).resolve(PARENT))) {
      if (!chain.add(at)) {
        throw new IOException(layerDirectory(at) + ": parent: " + at + " lies below itself");
      }
    }
    return List.copyOf(chain);
  }

  @Override
  public List<LayerRecord> layersTo(@Nullable Id top) throws IOException {
    List<LayerRecord> layers = layers(chain(top));
    Collections.reverse(layers);
    return layers;
  }

  @Override
  public List<HistoryEntry> history(ImageRecord image) throws IOException {
    return ConfigHistory.of(this, image);
  }

  @Override
  public ContainerRecord container(Id id) throws IOException {
    JsonObject config = JsonObject.read(containerConfig(id));
    return new ContainerRecord(
        id, config, hostConfig(id), containerLayers(id), topLayerBelow(id), null);
  }

  @Override
  Path containerConfig(Id id) {
    return containers().resolve(id.hex()).resolve("config.v2.json");
  }

  @Override
  boolean isOfDriver(Id container) throws IOException {
    return Files.isDirectory(mountDirectory(container)) || super.isOfDriver(container);
  }

  @Override
  public @Nullable Id topLayerBelow(Id container) throws IOException {
    return optionalId(mountDirectory(container).resolve(PARENT));
  }

  @Override
  public ContainerLayers containerLayers(Id container) throws IOException {
    Path mount = mountDirectory(container);
    Path initId = mount.resolve("init-id");
    return new ContainerLayers(
        driverId(mount.resolve("mount-id")), Files.exists(initId) ? driverId(initId) : null);
  }
}
