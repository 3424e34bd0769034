package io.lamina.layer.image;

import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.ImageConfig;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.Reference;
import io.lamina.graph.V1Record;
import io.lamina.graph.archive.LegacyTags;
import io.lamina.graph.archive.ManifestItem;
import io.lamina.layer.DockerLayers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes images as {@code docker save} of docker 20.10 does, byte for byte but for the times that
 * docker takes from its clock. An image of before docker 1.10 is written as docker 1.9 does it, and
 * beside it the record that a newer docker makes of it, so that either can load the archive.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/tarexport/save.go">docker's
 *     way</a>
 */
public final class ImageSave {
  private static final byte[] VERSION = "1.0".getBytes(StandardCharsets.US_ASCII);
  private static final String LAYER = "layer.tar";

  private final DockerLayers layers;
  private final DockerStore store;
  private final ImageProgress progress;
  private final ArchiveEntries entries = new ArchiveEntries();
  private final LegacyTags tags = new LegacyTags();
  private final List<Saved> saved = new ArrayList<>();

  /** The tars of layers that are in the archive or will be, by the layer's id. */
  private final Map<Id, LayerTar> tars = new HashMap<>();

  /** The directories of layers since docker 1.10, by the digest of the tar in them. */
  private final Map<Id, String> directories = new HashMap<>();

  /** An image that is in the archive. */
  private record Saved(ImageConfig config, List<Reference> names, List<Id> v1Ids, Origin origin) {}

  /** Which image it is in the store, and which it was made from. */
  private record Origin(Id id, @Nullable Id parent) {}

  private ImageSave(DockerLayers layers, ImageProgress progress) {
    this.layers = layers;
    this.progress = progress;
    this.store = layers.store();
  }

  /**
   * Gets an archive ready. Of layers whose digests docker did not keep the tars are made once, to
   * find these out.
   */
  public static ImageSave of(DockerLayers layers, List<NamedImage> images, ImageProgress progress)
      throws IOException {
    ImageSave save = new ImageSave(layers, progress);
    for (NamedImage image : images) {
      save.add(image);
    }
    save.addLists();
    return save;
  }

  private void add(NamedImage named) throws IOException {
    ImageRecord image = store.image(named.id());
    Origin origin = new Origin(image.id(), image.parent());
    if (!image.json().has("rootfs")) {
      addOld(image, named, origin);
      return;
    }
    ImageConfig config = ImageConfig.parse(image.json().toString(), image.bytes());
    Instant created = image.created();
    List<V1Record> records = V1Record.layersOf(config);
    for (int i = 0; i < records.size(); i++) {
      addLayer(records.get(i), tar(image.layers().subList(0, i + 1)), created);
    }
    add(new Saved(config, named.names(), records.stream().map(V1Record::id).toList(), origin));
  }

  private void addLayer(V1Record record, LayerTar tar, Instant created) {
    String directory = record.id().hex() + "/";
    if (entries.has(directory)) {
      return;
    }
    addRecord(directory, record.json(), created);
    @Nullable String other = directories.putIfAbsent(tar.diffId(), directory);
    if (other == null) {
      entries.addLayer(directory + LAYER, created, tar);
    } else {
      entries.addLink(directory + LAYER, created, "../" + other + LAYER);
    }
  }

  private void addRecord(String directory, byte[] json, Instant created) {
    entries.addDirectory(directory, created);
    entries.addFile(directory + "VERSION", created, VERSION);
    entries.addFile(directory + "json", created, json);
  }

  private void addOld(ImageRecord image, NamedImage named, Origin origin) throws IOException {
    List<byte[]> records = new ArrayList<>();
    List<Id> diffIds = new ArrayList<>();
    List<Id> v1Ids = new ArrayList<>();
    for (int i = 0; i < image.layers().size(); i++) {
      LayerRecord layer = image.layers().get(i);
      ImageRecord step = store.image(layer.id());
      LayerTar tar = tar(image.layers().subList(0, i + 1));
      String directory = layer.id().hex() + "/";
      if (!entries.has(directory)) {
        addRecord(directory, V1Record.saved(step, layer.size()), step.created());
        entries.addLayer(directory + LAYER, step.created(), tar);
      }
      records.add(step.bytes());
      diffIds.add(tar.diffId());
      v1Ids.add(layer.id());
    }
    add(new Saved(ImageConfig.ofV1(records, diffIds), named.names(), v1Ids, origin));
  }

  private LayerTar tar(List<LayerRecord> lowestFirst) throws IOException {
    Id id = lowestFirst.get(lowestFirst.size() - 1).id();
    LayerTar known = tars.get(id);
    if (known == null) {
      known = new StoredLayerTar(layers, lowestFirst, progress);
      tars.put(id, known);
    }
    return known;
  }

  private void add(Saved image) throws IOException {
    ImageConfig config = image.config;
    entries.addFile(fileOf(config), config.json().time("created"), config.bytes());
    if (!image.v1Ids.isEmpty()) {
      Id top = image.v1Ids.get(image.v1Ids.size() - 1);
      image.names.forEach(name -> tags.add(name, top));
    }
    saved.add(image);
  }

  private static String fileOf(ImageConfig config) {
    return config.id().hex() + ".json";
  }

  private void addLists() {
    Map<Id, Id> newIds = new HashMap<>();
    saved.forEach(image -> newIds.put(image.origin.id, image.config.id()));
    List<ManifestItem> items = new ArrayList<>();
    for (Saved image : saved) {
      @Nullable Id parent = image.origin.parent;
      items.add(
          new ManifestItem(
              fileOf(image.config),
              image.names.stream().map(Reference::familiar).toList(),
              image.v1Ids.stream().map(id -> id.hex() + "/" + LAYER).toList(),
              parent == null ? null : newIds.get(parent)));
    }
    entries.addFile(ManifestItem.FILE, Instant.EPOCH, ManifestItem.write(items));
    if (!tags.isEmpty()) {
      entries.addFile(LegacyTags.FILE, Instant.EPOCH, tags.write());
    }
  }

  /**
   * Writes the archive, and closes the stream when it is whole.
   *
   * @throws IOException also when a layer's files are not those that it came with
   */
  public void writeTo(OutputStream out) throws IOException {
    entries.writeTo(out);
  }
}
