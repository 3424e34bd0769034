package io.lamina.layer.image;

import io.lamina.graph.Id;
import io.lamina.graph.ImageConfig;
import io.lamina.graph.JsonObject;
import io.lamina.graph.Reference;
import io.lamina.layer.StoredLayer;
import io.lamina.layer.WritableRoot;
import io.lamina.layer.archive.ArchiveException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads the images of an archive into a root: archives of docker before and since 1.10, and OCI's
 * layouts, whoever wrote them. Every digest that is known of anything is verified. First come all
 * layers, then all images, then their names: where it ends early, what is there is whole, and
 * layers that no image has are taken away.
 */
public final class ImageLoad {
  private final WritableRoot root;
  private final ArchiveFiles files;
  private final ImageProgress progress;

  /** What was loaded, in the order of the archive. */
  private final List<Loaded> loaded = new ArrayList<>();

  /**
   * An image that was loaded.
   *
   * @param id its id in the root
   * @param names what it is called now
   */
  public record Loaded(Id id, List<Reference> names) {
    /** Keeps a copy of the list. */
    public Loaded {
      names = List.copyOf(names);
    }
  }

  private ImageLoad(WritableRoot root, ArchiveFiles files, ImageProgress progress) {
    this.root = root;
    this.files = files;
    this.progress = progress;
  }

  /**
   * Loads all images of an archive; they have no names yet.
   *
   * @return the images, with the names that they are to get
   * @throws ArchiveException when the archive is none of images, damaged, or lies: nothing is there
   *     then
   */
  public static List<Loaded> load(WritableRoot root, ArchiveFiles files, ImageProgress progress)
      throws IOException {
    ImageLoad load = new ImageLoad(root, files, progress);
    try {
      load.load();
    } catch (IOException | RuntimeException e) {
      try {
        root.removeUnused();
      } catch (IOException more) {
        e.addSuppressed(more);
      }
      throw e;
    }
    return load.loaded;
  }

  private void load() throws IOException {
    if (DockerArchive.isIn(files)) {
      load(DockerArchive.images(files));
    } else if (OciLayout.isIn(files)) {
      load(OciLayout.images(files));
    } else if (LegacyArchive.isIn(files)) {
      loadLegacy(LegacyArchive.steps(files), LegacyArchive.names(files));
    } else {
      throw new ArchiveException(
          "not an archive of images: it has neither manifest.json nor index.json nor images of"
              + " before docker 1.10");
    }
  }

  private void load(List<ArchivedImage> images) throws IOException {
    Set<ArchiveFile> counted = new HashSet<>();
    for (ArchivedImage image : images) {
      image.layers().stream()
          .map(ArchivedImage.Layer::stored)
          .filter(counted::add)
          .forEach(layer -> progress.expect(layer.size()));
    }
    Map<Id, Optional<StoredLayer>> tops = new HashMap<>();
    for (ArchivedImage image : images) {
      tops.put(image.config().id(), Optional.ofNullable(addLayers(image)));
    }
    Map<Id, ArchivedImage> byId = new LinkedHashMap<>();
    images.forEach(image -> byId.putIfAbsent(image.config().id(), image));
    Set<Id> added = new HashSet<>();
    for (ArchivedImage image : images) {
      addImage(image, byId, tops, added);
      loaded.add(new Loaded(image.config().id(), image.names()));
    }
  }

  private @Nullable StoredLayer addLayers(ArchivedImage image) throws IOException {
    @Nullable StoredLayer top = null;
    for (int i = 0; i < image.layers().size(); i++) {
      Id diffId = image.config().diffIds().get(i);
      Optional<StoredLayer> known = root.findLayer(top, diffId);
      top = known.isPresent() ? known.get() : addLayer(top, image.layers().get(i), diffId);
    }
    return top;
  }

  private StoredLayer addLayer(
      @Nullable StoredLayer below, ArchivedImage.Layer layer, @Nullable Id diffId)
      throws IOException {
    try (LayerInput tar =
        LayerInput.open(layer.stored(), layer.digest(), layer.about(), progress)) {
      return root.addLayer(below, tar, diffId);
    } catch (ArchiveException e) {
      String message = String.valueOf(e.getMessage());
      if (message.startsWith(layer.about())) {
        throw e;
      }
      throw new ArchiveException(layer.about() + ": " + message, e);
    }
  }

  /** Adds an image after the one that it was made from. */
  private void addImage(
      ArchivedImage image,
      Map<Id, ArchivedImage> byId,
      Map<Id, Optional<StoredLayer>> tops,
      Set<Id> added)
      throws IOException {
    Id id = image.config().id();
    if (!added.add(id)) {
      return;
    }
    @Nullable ArchivedImage parent = image.parent() == null ? null : byId.get(image.parent());
    if (parent != null && !isMadeFrom(image.config(), parent.config())) {
      parent = null;
    }
    if (parent != null) {
      addImage(parent, byId, tops, added);
    }
    StoredLayer top = Objects.requireNonNull(tops.get(id)).orElse(null);
    root.addImage(image.config().bytes(), top, parent == null ? null : parent.config().id());
  }

  /** As docker has it, of an image and its parent: one step more, and all others the same. */
  private static boolean isMadeFrom(ImageConfig image, ImageConfig parent) throws IOException {
    List<JsonObject> steps = image.json().objects("history");
    List<JsonObject> before = parent.json().objects("history");
    if (steps.size() != before.size() + 1) {
      return steps.isEmpty() && before.isEmpty();
    }
    for (int i = 0; i < before.size(); i++) {
      if (!steps.get(i).fields().equals(before.get(i).fields())) {
        return false;
      }
    }
    return true;
  }

  /** What is known of an image of before docker 1.10 that is being loaded. */
  private record Converted(
      @Nullable Converted parent, LegacyArchive.JsonRecord json, StoredLayer layer) {
    /**
     * The image as docker since 1.10 has it, the records of all it was made from before its own.
     */
    ImageConfig config() throws IOException {
      List<byte[]> records = new ArrayList<>();
      List<Id> diffIds = new ArrayList<>();
      for (Converted at = this; at != null; at = at.parent) {
        records.add(0, at.json.bytes());
        diffIds.add(0, Objects.requireNonNull(at.layer.record().diffId()));
      }
      return ImageConfig.ofV1(records, diffIds);
    }
  }

  private void loadLegacy(List<LegacyArchive.Step> steps, Map<Reference, Id> names)
      throws IOException {
    for (Map.Entry<Reference, Id> name : names.entrySet()) {
      if (steps.stream().noneMatch(step -> step.id().equals(name.getValue()))) {
        throw new ArchiveException(
            name.getKey() + ": image " + name.getValue() + " is not in the archive");
      }
    }
    steps.forEach(step -> progress.expect(step.layer().stored().size()));
    Map<Id, Converted> converted = new HashMap<>();
    for (LegacyArchive.Step step : steps) {
      @Nullable Converted parent = step.parent() == null ? null : converted.get(step.parent());
      StoredLayer layer = addLayer(parent == null ? null : parent.layer, step.layer(), null);
      converted.put(step.id(), new Converted(parent, step.record(), layer));
    }
    for (LegacyArchive.Step step : steps) {
      Converted image = Objects.requireNonNull(converted.get(step.id()));
      Id id = addConverted(image);
      List<Reference> own =
          names.entrySet().stream()
              .filter(name -> name.getValue().equals(step.id()))
              .map(Map.Entry::getKey)
              .toList();
      if (!own.isEmpty()) {
        loaded.add(new Loaded(id, own));
      }
    }
  }

  private Id addConverted(Converted image) throws IOException {
    @Nullable Id madeFrom = image.parent == null ? null : image.parent.config().id();
    return root.addImage(image.config().bytes(), image.layer, madeFrom);
  }
}
