package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Changes the records of the layout of docker 1.10 and later. */
final class ImageStoreWriter extends RecordWriter {
  private final ImageStore store;

  ImageStoreWriter(ImageStore store) {
    super(store);
    this.store = store;
  }

  @Override
  public Id layerId(@Nullable LayerRecord parent, Id diffId) {
    return ChainId.of(parent == null ? null : parent.id(), diffId);
  }

  @Override
  public Optional<LayerRecord> layer(Id id) throws IOException {
    return Files.isDirectory(store.layerDirectory(id))
        ? Optional.of(store.layer(id))
        : Optional.empty();
  }

  @Override
  public String newDriverId(Id layer) {
    return Id.random().hex();
  }

  @Override
  public void addLayer(LayerRecord layer, Path tarSplit) throws IOException {
    @Nullable Id diffId = layer.diffId();
    if (diffId == null) {
      throw new IllegalArgumentException("a layer without diff id");
    }
    Path directory = newDirectory(layer.id().hex());
    put(directory, "size", Long.toString(layer.size()));
    put(directory, "cache-id", layer.driverId());
    put(directory, "diff", diffId.text());
    if (layer.parent() != null) {
      put(directory, ImageStore.PARENT, layer.parent().text());
    }
    Files.move(tarSplit, directory.resolve("tar-split.json.gz"), StandardCopyOption.ATOMIC_MOVE);
    Path place = store.layerDirectory(layer.id());
    Files.createDirectories(place.getParent());
    DurableFile.moveIn(directory, place);
  }

  private static void put(Path directory, String name, String line) throws IOException {
    DurableFile.writeNew(directory.resolve(name), line.getBytes(StandardCharsets.UTF_8), READABLE);
  }

  @Override
  public void removeLayer(Id id) throws IOException {
    DurableFile.removeAtOnce(store.layerDirectory(id), unfinished().resolve(id.hex()));
  }

  @Override
  public Optional<String> imageDriverId(Id image) {
    return Optional.empty();
  }

  @Override
  public Id addImage(byte[] config, @Nullable Id top, @Nullable Id madeFrom) throws IOException {
    Id id = Id.digestOf(config);
    if (madeFrom != null) {
      note(id, ImageStore.PARENT, madeFrom.text());
    }
    Files.createDirectories(store.content());
    DurableFile.write(store.content().resolve(id.hex()), config, PRIVATE);
    return id;
  }

  private void note(Id image, String name, String line) throws IOException {
    Path notes = Files.createDirectories(store.notes(image));
    DurableFile.write(notes.resolve(name), line.getBytes(StandardCharsets.UTF_8), READABLE);
  }

  @Override
  public void removeImage(Id id) throws IOException {
    Files.deleteIfExists(store.content().resolve(id.hex()));
    DurableFile.sync(store.content());
    DurableFile.removeTree(store.notes(id));
  }

  /** Its layers first: docker takes a directory of a container without them for a broken one. */
  @Override
  public void addContainer(NewContainer container) throws IOException {
    Path directory = newDirectory(container.id().hex() + "-mount");
    put(directory, "mount-id", container.driverId());
    put(directory, "init-id", container.initDriverId());
    if (container.parent() != null) {
      put(directory, ImageStore.PARENT, container.parent().text());
    }
    Path place = store.mountDirectory(container.id());
    Files.createDirectories(place.getParent());
    DurableFile.moveIn(directory, place);
    writeContainer(container, "config.v2.json");
  }

  @Override
  public void removeContainer(Id id) throws IOException {
    removeContainerDirectory(id);
    Path mount = store.mountDirectory(id);
    if (Files.exists(mount)) {
      DurableFile.removeAtOnce(mount, unfinished().resolve(id.hex() + "-mount"));
    }
  }

  @Override
  String tagKey(String name, int repositoryEnd) {
    return name;
  }

  @Override
  String tagValue(Id image) {
    return image.text();
  }

  @Override
  void tagged(Id image) throws IOException {
    note(image, "lastUpdated", Instant.now().toString());
  }
}
