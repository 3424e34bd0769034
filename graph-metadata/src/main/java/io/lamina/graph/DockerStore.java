package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The records of a docker root: images, layers, tags and containers, of either layout. Records are
 * read when they are asked for, each time anew; a damaged one does not keep the others from being
 * read.
 *
 * <p>Not safe for use by many threads.
 */
public abstract class DockerStore {
  private static final int MAX_CANDIDATES = 20;

  private final Path root;
  private final String driver;

  DockerStore(Path root, String driver) {
    this.root = root;
    this.driver = driver;
  }

  /**
   * The store of a root.
   *
   * @throws IOException when it is no docker root, or one of several drivers
   */
  public static DockerStore open(Path root) throws IOException {
    return open(root, null);
  }

  /**
   * The store that a root has for one of its storage drivers.
   *
   * @param driver {@code aufs}, say; null for the only one
   * @throws IOException when it is no docker root, has none for that driver, or several
   */
  public static DockerStore open(Path root, @Nullable String driver) throws IOException {
    return RootLayout.find(root, driver).open();
  }

  /** Whether a directory looks like a docker root. */
  public static boolean isRoot(Path directory) {
    return RootLayout.isRoot(directory);
  }

  /** Whether docker keeps the files of remapped users in a root that is called so. */
  public static boolean isOfRemappedUsers(String name) {
    return RootLayout.isOfRemappedUsers(name);
  }

  /** Where it lies. */
  public final Path root() {
    return root;
  }

  /** The storage driver: {@code aufs}, {@code devicemapper}, {@code overlay2}. */
  public final String driver() {
    return driver;
  }

  /** Whether it has the layout before docker 1.10, in which each image is a layer. */
  public abstract boolean isOld();

  /**
   * The names of images.
   *
   * @throws IOException when one of them is damaged: for who is to change them
   */
  public final TagStore tags() throws IOException {
    return tags(
        (what, damage) -> {
          throw damage;
        });
  }

  /** The same without those that are damaged. */
  public abstract TagStore tags(LeftOut damaged) throws IOException;

  /** What changes its records; the caller keeps all others from doing so. */
  public abstract RecordWriter writer();

  /** Every image, those in between too, sorted. */
  public abstract List<Id> imageIds() throws IOException;

  /** Whether there is an image of that id. */
  public abstract boolean hasImage(Id id) throws IOException;

  /**
   * One image.
   *
   * @throws NotFoundException when there is none of that id
   * @throws IOException when its record or one of its layers' is damaged
   */
  public abstract ImageRecord image(Id id) throws IOException;

  /** Hears of a record that is damaged and for that left out of a list. */
  @FunctionalInterface
  public interface LeftOut {
    /** Nobody has to hear of it: somebody else tells it. */
    LeftOut UNTOLD = (what, damage) -> {};

    /** Hears what it is of, and what is wrong with it; may throw it. */
    void because(String what, IOException damage) throws IOException;
  }

  /** Every layer of every image, each once. */
  public final List<LayerRecord> layers() throws IOException {
    return layers(layerIds());
  }

  final List<LayerRecord> layers(List<Id> ids) throws IOException {
    List<LayerRecord> layers = new ArrayList<>();
    for (Id id : ids) {
      layers.add(layer(id));
    }
    return layers;
  }

  /** How docker counted the bytes of each layer, by what the storage driver calls it. */
  public final Map<String, Long> sizes(LeftOut damaged) throws IOException {
    Map<String, Long> sizes = new LinkedHashMap<>();
    for (Id id : layerIds()) {
      try {
        LayerRecord layer = layer(id);
        sizes.put(layer.driverId(), layer.size());
      } catch (IOException e) {
        damaged.because("layer " + id, e);
      }
    }
    return sizes;
  }

  /** The ids of all layers, sorted. */
  abstract List<Id> layerIds() throws IOException;

  /** One layer. */
  abstract LayerRecord layer(Id id) throws IOException;

  /** The layers that are no images as well, as some are before docker 1.10. */
  public abstract List<LayerRecord> plainLayers() throws IOException;

  /** The topmost layer of something, whose record is read when it is asked for. */
  @FunctionalInterface
  public interface TopLayer {
    /** Its id; null where there is no layer. */
    @Nullable Id find() throws IOException;
  }

  /**
   * Images, by their id without {@code sha256:}, and the layers that are none, by what the storage
   * driver calls them. As little is read as their names take.
   */
  public abstract Map<String, TopLayer> stacks(LeftOut damaged) throws IOException;

  /** What the storage driver calls a layer. */
  public abstract String driverId(Id layer) throws IOException;

  /** What it calls the layers below one, the nearest first. */
  public abstract List<String> driverIdsBelow(Id layer) throws IOException;

  /**
   * A layer and all below it, the lowest first.
   *
   * @param top its id; null for none
   */
  public abstract List<LayerRecord> layersTo(@Nullable Id top) throws IOException;

  /** How an image came to be, the last step first. */
  public abstract List<HistoryEntry> history(ImageRecord image) throws IOException;

  /** Every container of the storage driver, sorted; as docker, others are not seen. */
  public final List<Id> containerIds() throws IOException {
    List<Id> ids = new ArrayList<>();
    for (String name : RecordFile.names(containers(), Id::isHex)) {
      Id id = Id.random(name);
      if (isOfDriver(id)) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** Whether a container is of the storage driver: one that does not say so is. */
  boolean isOfDriver(Id container) throws IOException {
    try {
      String its = JsonText.read(containerConfig(container), "Driver");
      return its.isEmpty() || its.equals(driver);
    } catch (IOException e) {
      return true; // whoever reads it tells of the damage
    }
  }

  /** One container. */
  public abstract ContainerRecord container(Id id) throws IOException;

  /** What the storage driver calls the layers that a container was made with. */
  public abstract ContainerLayers containerLayers(Id container) throws IOException;

  /** The topmost layer of the image that a container was made from; null where that has none. */
  public abstract @Nullable Id topLayerBelow(Id container) throws IOException;

  /** Where a container's record is. */
  abstract Path containerConfig(Id container);

  final Path containers() {
    return root.resolve("containers");
  }

  final JsonObject hostConfig(Id id) throws IOException {
    Path file = containers().resolve(id.hex()).resolve("hostconfig.json");
    return Files.exists(file)
        ? JsonObject.read(file)
        : JsonObject.parse(file.toString(), new byte[] {'{', '}'});
  }

  /**
   * The image that somebody means by a name, an id or the first digits of one: in docker's order.
   *
   * @throws NotFoundException when there is none, or more than one: then it lists them
   */
  public final Id findImage(String text) throws IOException {
    List<Id> all = imageIds();
    for (Id id : all) {
      if (id.text().equals(text) || id.hex().equals(text)) {
        return id;
      }
    }
    List<Id> meant = all.stream().filter(id -> id.startsWith(text)).toList();
    Optional<Id> tagged = findTag(text, !meant.isEmpty());
    return tagged.isPresent() ? tagged.get() : one("image", text, meant);
  }

  /**
   * The image of a name.
   *
   * @param isId whether there is an image whose id begins like that, should it be no name
   */
  private Optional<Id> findTag(String text, boolean isId) throws IOException {
    Reference name;
    try {
      name = Reference.parse(text);
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // the first digits of an id, maybe
    }
    Set<String> meant = Set.of(TagStore.ALL, name.familiarName(), TagStore.key(name));
    TagStore tags =
        tags(
            (what, damage) -> {
              if (!isId && meant.contains(what)) {
                throw damage;
              }
            });
    return tags.find(name);
  }

  /**
   * The container that somebody means by its name, its id or the first digits of that.
   *
   * @throws NotFoundException when there is none, or more than one: then it lists them
   */
  public final Id findContainer(String text) throws IOException {
    String name = text.startsWith("/") ? text.substring(1) : text;
    List<Id> all = containerIds();
    for (Id id : all) {
      if (id.hex().equals(text)) {
        return id;
      }
    }
    @Nullable Id named = containerNamed(name);
    if (named != null) {
      return named;
    }
    return one("container", text, all.stream().filter(id -> id.startsWith(text)).toList());
  }

  /** The container of that name; one whose record is damaged has none. Null where there is none. */
  final @Nullable Id containerNamed(String name) throws IOException {
    for (Id id : containerIds()) {
      if (containerName(id).equals(name)) {
        return id;
      }
    }
    return null;
  }

  private String containerName(Id id) {
    try {
      return ContainerRecord.name(JsonText.read(containerConfig(id), "Name"));
    } catch (IOException e) {
      return "";
    }
  }

  private static Id one(String kind, String text, List<Id> meant) throws IOException {
    if (meant.isEmpty()) {
      throw new NotFoundException("No such " + kind + ": " + text);
    }
    if (meant.size() > 1) {
      List<String> candidates = new ArrayList<>();
      meant.stream().limit(MAX_CANDIDATES).forEach(id -> candidates.add(id.text()));
      String more =
          meant.size() > MAX_CANDIDATES ? " and " + (meant.size() - MAX_CANDIDATES) + " more" : "";
      throw new NotFoundException(
          text
              + " is ambiguous, it begins the ids of "
              + meant.size()
              + " "
              + kind
              + "s: "
              + String.join(", ", candidates)
              + more);
    }
    return meant.get(0);
  }

  /** What {@code docker inspect} says of an image. */
  public final Map<String, @Nullable Object> inspect(ImageRecord image) throws IOException {
    return new ImageInspection(this).of(image);
  }

  /** What {@code docker inspect} says of a container. */
  public final Map<String, @Nullable Object> inspect(ContainerRecord container) throws IOException {
    return new ContainerInspection(this).of(container);
  }
}
