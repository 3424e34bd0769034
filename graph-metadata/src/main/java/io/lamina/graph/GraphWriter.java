package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes the records of the layout before docker 1.10.
 *
 * <p>Layers and images have entries of their own: a layer's, with its diff id beside docker's
 * files, is shared by all images that have it; an image's has its config beside docker's files, and
 * a layer without files, on top of the others. Docker 1.9 sees a chain of images.
 */
final class GraphWriter extends RecordWriter {
  /** What is noted of a layer that an image's config would say. */
  private static final String OS = "linux";

  /** Fields of a config that an image before docker 1.10 has not. */
  private static final List<String> NEW_FIELDS = List.of("rootfs", "history", "os.features");

  private final GraphStore store;

  /**
   * The chain ids of layers that were asked for. An image is made from the lowest layer upwards,
   * and would have all those below read again for each.
   */
  private final Map<Id, Id> chains = new ConcurrentHashMap<>();

  GraphWriter(GraphStore store) {
    super(store);
    this.store = store;
  }

  /**
   * As docker's {@code save} calls a layer that is not the topmost: by its chain id, and by the id
   * below, so that the ids of a {@code docker save} of the same image are the same.
   *
   * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/v1/imagev1.go">CreateID</a>
   */
  @Override
  public Id layerId(@Nullable LayerRecord parent, Id diffId) throws IOException {
    return record(parent == null ? null : parent.id(), diffId).id();
  }

  private V1Record record(@Nullable Id parent, Id diffId) throws IOException {
    Id chain = ChainId.of(parent == null ? null : chainTo(parent), diffId);
    V1Record record = V1Record.ofLayer(chain, parent, OS);
    chains.put(record.id(), chain);
    return record;
  }

  private Id chainTo(Id top) throws IOException {
    @Nullable Id chain = chains.get(top);
    if (chain == null) {
      for (LayerRecord layer : store.layersTo(top)) {
        @Nullable Id own = layer.diffId();
        chain = ChainId.of(chain, own == null ? Id.digest(layer.id().hex()) : own);
      }
      chains.put(top, Objects.requireNonNull(chain));
    }
    return chain;
  }

  @Override
  public Optional<LayerRecord> layer(Id id) throws IOException {
    return Files.exists(store.directory(id).resolve("json"))
        ? Optional.of(store.layer(id))
        : Optional.empty();
  }

  @Override
  public String newDriverId(Id layer) {
    return layer.hex();
  }

  @Override
  public void addLayer(LayerRecord layer, Path tarSplit) throws IOException {
    @Nullable Id diffId = layer.diffId();
    if (diffId == null) {
      throw new IllegalArgumentException("a layer without diff id");
    }
    byte[] json = record(layer.parent(), diffId).json();
    Path directory = entry(layer.id().hex(), json, layer.size());
    DurableFile.writeNew(directory.resolve(GraphStore.DIFF_ID), text(diffId.text()), PRIVATE);
    Files.move(tarSplit, directory.resolve("tar-data.json.gz"), StandardCopyOption.ATOMIC_MOVE);
    DurableFile.moveIn(directory, store.directory(layer.id()));
  }

  private Path entry(String hex, byte[] json, long size) throws IOException {
    Path directory = newDirectory(hex);
    DurableFile.writeNew(directory.resolve("json"), json, PRIVATE);
    DurableFile.writeNew(directory.resolve("layersize"), text(Long.toString(size)), PRIVATE);
    return directory;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void removeLayer(Id id) throws IOException {
    DurableFile.removeAtOnce(store.directory(id), unfinished().resolve(id.hex()));
  }

  @Override
  public Optional<String> imageDriverId(Id image) {
    return Optional.of(image.hex());
  }

  @Override
  public Id addImage(byte[] config, @Nullable Id top, @Nullable Id madeFrom) throws IOException {
    Id id = Id.digestOf(config);
    Map<String, @Nullable Object> json = new TreeMap<>(JsonObject.parse("config", config).fields());
    NEW_FIELDS.forEach(json::remove);
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    named.put("id", id.hex());
    if (top != null) {
      named.put("parent", top.hex());
    }
    named.putAll(json);
    Path directory = entry(id.hex(), GoJson.bytes(named), 0);
    DurableFile.writeNew(directory.resolve(GraphStore.CONFIG), config, PRIVATE);
    if (madeFrom != null) {
      DurableFile.writeNew(directory.resolve(GraphStore.MADE_FROM), text(madeFrom.text()), PRIVATE);
    }
    DurableFile.moveIn(directory, store.directory(id));
    return id;
  }

  @Override
  public void addOldImage(
      Id id,
      ImageRecord image,
      ContainerRecord container,
      CommittedImage.Commit commit,
      long sizeBytes,
      Path tarSplit)
      throws IOException {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id.hex());
    json.put("parent", image.id().hex());
    json.putAll(CommittedImage.old(image, container, commit));
    json.put("Size", sizeBytes);
    Path directory = entry(id.hex(), GoJson.bytes(json), sizeBytes);
    Files.move(tarSplit, directory.resolve("tar-data.json.gz"), StandardCopyOption.ATOMIC_MOVE);
    DurableFile.moveIn(directory, store.directory(id));
  }

  @Override
  public void removeImage(Id id) throws IOException {
    removeLayer(id);
  }

  @Override
  public void addContainer(NewContainer container) throws IOException {
    writeContainer(container, "config.json");
  }

  @Override
  public void removeContainer(Id id) throws IOException {
    removeContainerDirectory(id);
  }

  @Override
  String tagKey(String name, int repositoryEnd) {
    return name.substring(repositoryEnd + 1);
  }

  @Override
  String tagValue(Id image) {
    return image.hex();
  }

  @Override
  void tagged(Id image) {
    // Docker did not note it then.
  }
}
