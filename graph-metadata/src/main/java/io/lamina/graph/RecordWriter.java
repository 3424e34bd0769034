package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Changes the records of a docker root, of either layout. Each change is on stable storage when it
 * returns, and after a power cut it was made or it was not.
 *
 * <p>Not safe for use by many threads; the caller keeps all others from changing the root.
 */
public abstract class RecordWriter {
  static final String PRIVATE = "rw-------";
  static final String READABLE = "rw-r--r--";

  private final DockerStore store;

  RecordWriter(DockerStore store) {
    this.store = store;
  }

  /** What Lamina keeps in a docker root for itself: its lock, and what is not finished. */
  public static Path home(DockerStore store) {
    return store.root().resolve("lamina");
  }

  /** Where things are made before they are moved into their place; emptied at an opening. */
  public final Path unfinished() {
    return home(store).resolve("tmp");
  }

  final Path newDirectory(String name) throws IOException {
    Path directory = unfinished().resolve(name);
    DurableFile.removeTree(directory);
    return Files.createDirectories(directory);
  }

  /**
   * The id of a layer on top of another, which goes by what they hold alone.
   *
   * @param diffId digest of its tar
   */
  public abstract Id layerId(@Nullable LayerRecord parent, Id diffId) throws IOException;

  /** A layer, where it is there. */
  public abstract Optional<LayerRecord> layer(Id id) throws IOException;

  /** What the storage driver is to call a new layer. */
  public abstract String newDriverId(Id layer);

  /**
   * Writes down a layer that the storage driver has.
   *
   * @param layer its directory is not looked at
   * @param tarSplit what makes its tar again; moved to where it belongs
   */
  public abstract void addLayer(LayerRecord layer, Path tarSplit) throws IOException;

  /** Removes the record of a layer. */
  public abstract void removeLayer(Id id) throws IOException;

  /** What the storage driver is to call an image's own layer, in the layout that has such. */
  public abstract Optional<String> imageDriverId(Id image);

  /**
   * Writes down an image.
   *
   * @param config its id is their digest
   * @param top its topmost layer; null where it has none
   * @param madeFrom the image that it was made from; null where that is not known
   * @return its id
   */
  public abstract Id addImage(byte[] config, @Nullable Id top, @Nullable Id madeFrom)
      throws IOException;

  /**
   * Writes down an image as docker before 1.10 commits one: with a random id and one layer of its
   * own.
   *
   * @param id its id, and the driver's name of its layer
   * @param image what the container was made from
   * @param sizeBytes of the layer's files
   * @param tarSplit what makes the layer's tar again; moved to where it belongs
   */
  public void addOldImage(
      Id id,
      ImageRecord image,
      ContainerRecord container,
      CommittedImage.Commit commit,
      long sizeBytes,
      Path tarSplit)
      throws IOException {
    throw new IOException(store.root() + ": has no images without config");
  }

  /** Removes the record of an image. */
  public abstract void removeImage(Id id) throws IOException;

  /** Writes down a container that the storage driver has. */
  public abstract void addContainer(NewContainer container) throws IOException;

  /** Removes the record of a container. */
  public abstract void removeContainer(Id id) throws IOException;

  final void writeContainer(NewContainer container, String configName) throws IOException {
    Path directory = newDirectory(container.id().hex());
    DurableFile.writeNew(directory.resolve(configName), GoJson.bytes(container.config()), READABLE);
    DurableFile.writeNew(
        directory.resolve("hostconfig.json"), GoJson.bytes(container.hostConfig()), READABLE);
    Files.createDirectories(store.containers());
    DurableFile.moveIn(directory, store.containers().resolve(container.id().hex()));
  }

  final void removeContainerDirectory(Id id) throws IOException {
    Path directory = store.containers().resolve(id.hex());
    if (Files.exists(directory)) {
      DurableFile.removeAtOnce(directory, unfinished().resolve(id.hex()));
    }
  }

  /** Which names the root's images have from now on, as {@link TagStore#ids} has them. */
  final void writeTags(Map<String, Id> names) throws IOException {
    Map<String, Map<String, String>> repositories = new TreeMap<>();
    names.forEach(
        (name, id) -> {
          int end = name.contains("@") ? name.indexOf('@') : name.lastIndexOf(':');
          repositories
              .computeIfAbsent(name.substring(0, end), any -> new TreeMap<>())
              .put(tagKey(name, end), tagValue(id));
        });
    DurableFile.write(
        store.tags().file(), GoJson.bytes(Map.of("Repositories", repositories)), PRIVATE);
  }

  /** What a name's tag is called in the file, below the repository. */
  abstract String tagKey(String name, int repositoryEnd);

  /** How the file writes an id. */
  abstract String tagValue(Id image);

  /** Gives an image a name, which another may have had. */
  public final void tag(Reference name, Id image) throws IOException {
    Map<String, Id> names = new TreeMap<>(store.tags().ids());
    names.put(TagStore.key(name), image);
    writeTags(names);
    tagged(image);
  }

  /** Notes when an image was tagged, where the layout has room for that. */
  abstract void tagged(Id image) throws IOException;

  /**
   * Takes a name away.
   *
   * @return whether it was there
   */
  public final boolean untag(String key) throws IOException {
    Map<String, Id> names = new TreeMap<>(store.tags().ids());
    boolean wasThere = names.remove(key) != null;
    if (wasThere) {
      writeTags(names);
    }
    return wasThere;
  }
}
