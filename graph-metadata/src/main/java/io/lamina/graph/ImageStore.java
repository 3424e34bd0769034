package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private static final String PARENT = "parent";

  /** A name in the driver's directory, and no path. */
  private static final Pattern DRIVER_ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}");

  ImageStore(Path root, String driver) {
    super(root, driver);
  }

  @Override
  public boolean isOld() {
    return false;
  }

  private Path home() {
    return root().resolve("image").resolve(driver());
  }

  private Path content() {
    return home().resolve("imagedb").resolve("content").resolve(SHA256);
  }

  /** What docker notes beside an image: its parent, when it was tagged. */
  Path notes(Id image) {
    return home().resolve("imagedb").resolve("metadata").resolve(SHA256).resolve(image.hex());
  }

  private Path layerdb() {
    return home().resolve("layerdb");
  }

  private Path layerDirectory(Id chainId) {
    return layerdb().resolve(SHA256).resolve(chainId.hex());
  }

  @Override
  public TagStore tags() throws IOException {
    return TagStore.readNew(home().resolve("repositories.json"));
  }

  @Override
  public List<Id> imageIds() throws IOException {
    return RecordFile.names(content(), Id::isHex).stream().map(Id::digest).toList();
  }

  @Override
  public ImageRecord image(Id id) throws IOException {
    Path file = content().resolve(id.hex());
    if (!Files.exists(file)) {
      throw new NotFoundException("No such image: " + id);
    }
    byte[] bytes = RecordFile.bytes(file);
    String digest = HexFormat.of().formatHex(sha256().digest(bytes));
    if (!digest.equals(id.hex())) {
      throw new IOException(file + ": digest: expected its name, found sha256:" + digest);
    }
    JsonObject json = JsonObject.parse(file.toString(), bytes);
    List<LayerRecord> layers = new ArrayList<>();
    @Nullable Id below = null;
    for (Id diffId : diffIds(json)) {
      Id chainId = chainId(below, diffId);
      layers.add(layer(chainId));
      below = chainId;
    }
    return new ImageRecord(id, parent(id), bytes, json, layers);
  }

  private static List<Id> diffIds(JsonObject json) throws IOException {
    JsonObject rootFs = json.object("rootfs");
    List<Id> diffIds = new ArrayList<>();
    for (String diffId : rootFs.texts("diff_ids")) {
      diffIds.add(Id.parse(rootFs + ": diff_ids", diffId));
    }
    return diffIds;
  }

  /** The lowest layer's is its diff id; others have the digest of the one below's and their own. */
  private static Id chainId(@Nullable Id below, Id diffId) {
    if (below == null) {
      return diffId;
    }
    String both = below.text() + " " + diffId.text();
    return Id.digest(
        HexFormat.of().formatHex(sha256().digest(both.getBytes(StandardCharsets.US_ASCII))));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable Id parent(Id image) throws IOException {
    return optionalId(notes(image).resolve(PARENT));
  }

  private static @Nullable Id optionalId(Path file) throws IOException {
    return Files.exists(file) ? Id.parse(file.toString(), RecordFile.line(file)) : null;
  }

  private LayerRecord layer(Id chainId) throws IOException {
    Path directory = layerDirectory(chainId);
    if (!Files.isDirectory(directory)) {
      throw new IOException(directory + ": is missing, an image has this layer");
    }
    Path diff = directory.resolve("diff");
    return new LayerRecord(
        chainId,
        Id.parse(diff.toString(), RecordFile.line(diff)),
        driverId(directory.resolve("cache-id")),
        optionalId(directory.resolve(PARENT)),
        RecordFile.number(directory.resolve("size")),
        directory);
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
  public List<LayerRecord> layers() throws IOException {
    List<LayerRecord> layers = new ArrayList<>();
    for (String hex : RecordFile.names(layerdb().resolve(SHA256), Id::isHex)) {
      layers.add(layer(Id.digest(hex)));
    }
    return layers;
  }

  @Override
  public List<LayerRecord> layersTo(@Nullable Id top) throws IOException {
    Map<Id, LayerRecord> layers = new LinkedHashMap<>();
    for (Id at = top; at != null; ) {
      LayerRecord layer = layer(at);
      if (layers.put(at, layer) != null) {
        throw new IOException(layer.directory() + ": parent: " + at + " lies below itself");
      }
      at = layer.parent();
    }
    List<LayerRecord> lowestFirst = new ArrayList<>(layers.values());
    Collections.reverse(lowestFirst);
    return lowestFirst;
  }

  @Override
  public List<HistoryEntry> history(ImageRecord image) throws IOException {
    List<JsonObject> steps = image.json().objects("history");
    List<HistoryEntry> history = new ArrayList<>();
    int layer = 0;
    for (JsonObject step : steps) {
      long size = 0;
      if (!step.flag("empty_layer")) {
        if (layer == image.layers().size()) {
          throw new IOException(
              image.json() + ": history: has more steps with a layer than the image has layers");
        }
        size = image.layers().get(layer++).size();
      }
      history.add(
          new HistoryEntry(
              null, step.time("created"), step.text("created_by"), size, step.text("comment")));
    }
    Collections.reverse(history);
    nameImages(image, history);
    return history;
  }

  /** Docker takes it that each image was made from its parent in one step. */
  private void nameImages(ImageRecord image, List<HistoryEntry> history) throws IOException {
    @Nullable Id id = image.id();
    for (int i = 0;
        i < history.size() && id != null && Files.exists(content().resolve(id.hex()));
        i++) {
      HistoryEntry step = history.get(i);
      history.set(
          i, new HistoryEntry(id, step.created(), step.createdBy(), step.size(), step.comment()));
      id = parent(id);
    }
  }

  @Override
  public ContainerRecord container(Id id) throws IOException {
    JsonObject config = JsonObject.read(containers().resolve(id.hex()).resolve("config.v2.json"));
    Path mount = layerdb().resolve("mounts").resolve(id.hex());
    Path initId = mount.resolve("init-id");
    return new ContainerRecord(
        id,
        config,
        hostConfig(id),
        driverId(mount.resolve("mount-id")),
        Files.exists(initId) ? driverId(initId) : null,
        optionalId(mount.resolve(PARENT)));
  }
}
