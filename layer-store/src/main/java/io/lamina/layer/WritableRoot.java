package io.lamina.layer;

import io.lamina.graph.DockerStore;
import io.lamina.graph.DurableFile;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.RecordWriter;
import io.lamina.graph.Reference;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.layer.archive.LayerApply;
import io.lamina.layer.archive.LayerIntake;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.PoolVolumes;
import io.lamina.thin.WriteOptions;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A docker root that is changed, by one process at a time. Every change is whole: after a power cut
 * an image, a container or a name is there, or it is not. Layers that no image has when this is
 * closed, or that are found so at the next opening, go.
 *
 * <p>The order on disk: a layer in the storage driver, its record, the image's record, its names.
 *
 * <p>Safe for use by many threads: one change at a time.
 */
public final class WritableRoot implements Closeable {
  /** In Lamina's directory of a root that is Lamina's own. */
  static final String OWN = "store.json";

  private static final Logger LOG = LoggerFactory.getLogger(WritableRoot.class);

  private final DockerStore store;
  private final RecordWriter records;
  private final WritableDriver driver;
  private final DockerLayers layers;
  private final RootLock lock;
  private final Unfinished unfinished;

  private WritableRoot(DockerStore store, WritableDriver driver, RootLock lock) throws IOException {
    this.store = store;
    this.records = store.writer();
    this.driver = driver;
    this.layers = DockerLayers.of(store, driver);
    this.lock = lock;
    this.unfinished = new Unfinished(RecordWriter.home(store));
  }

  /** Whether a directory is a store of Lamina's own, which nobody else writes to. */
  public static boolean isOwn(Path root) {
    return Files.exists(root.resolve("lamina").resolve(OWN));
  }

  /**
   * Opens a root, and mends what a power cut left half done.
   *
   * @throws IOException when it is none, when somebody else has it, or when it is damaged
   * @throws UnsupportedException for a storage driver whose layers are not written
   */
  public static WritableRoot open(Path root, WriteOptions options) throws IOException {
    DockerStore store = DockerStore.open(root);
    Path home = Files.createDirectories(RecordWriter.home(store));
    RootLock lock = RootLock.take(root, home);
    try {
      WritableDriver driver = driver(store, options);
      try {
        WritableRoot opened = new WritableRoot(store, driver, lock);
        DurableFile.removeTree(opened.records.unfinished());
        Files.createDirectories(opened.records.unfinished());
        opened.removeUnused();
        return opened;
      } catch (IOException e) {
        driver.close();
        throw e;
      }
    } catch (IOException e) {
      lock.close();
      throw e;
    }
  }

  private static WritableDriver driver(DockerStore store, WriteOptions options) throws IOException {
    return switch (store.driver()) {
      case "devicemapper" ->
          new WritableDevices(
              PoolVolumes.openDocker(store.root(), PoolOptions.DEFAULT, options),
              new DeviceNotes(store.root()));
      default ->
          throw new UnsupportedException(
              store.root() + ": layers of the storage driver " + store.driver() + " to be written");
    };
  }

  /** Its layers, and through them its records, to be read; they see every change at once. */
  public DockerLayers layers() {
    return layers;
  }

  /** Its records, to be read. */
  public DockerStore store() {
    return store;
  }

  /** The topmost layer of an image; none where it has no layers. */
  public synchronized Optional<StoredLayer> topOf(Id image) throws IOException {
    List<LayerRecord> all = store.image(image).layers();
    return all.isEmpty() ? Optional.empty() : Optional.of(new StoredLayer(all.get(all.size() - 1)));
  }

  /**
   * A layer that is there already, so that nothing has to be read.
   *
   * @param parent what lies below it; null for the lowest
   * @param diffId digest of its tar
   */
  public synchronized Optional<StoredLayer> findLayer(@Nullable StoredLayer parent, Id diffId)
      throws IOException {
    return records.layer(records.layerId(record(parent), diffId)).map(StoredLayer::new);
  }

  private static @Nullable LayerRecord record(@Nullable StoredLayer layer) {
    return layer == null ? null : layer.record();
  }

  /**
   * Adds a layer. One that is there already, with the same digest on the same layers, is taken in
   * its place.
   *
   * @param parent what lies below it; null for the lowest
   * @param tar not compressed; read to its end, and left open
   * @param expectedDiffId digest that the tar is to have; null where any will do
   * @throws ArchiveException when the tar breaks its format, would write where it must not, or has
   *     another digest; nothing is added then
   */
  public synchronized StoredLayer addLayer(
      @Nullable StoredLayer parent, InputStream tar, @Nullable Id expectedDiffId)
      throws IOException {
    String newName = "lamina-" + Id.random().hex();
    Path tarSplit = records.unfinished().resolve(newName);
    unfinished.note(newName);
    try {
      Taken taken = take(newName, parent, tar, expectedDiffId, tarSplit);
      Id id = records.layerId(record(parent), taken.diffId());
      Optional<LayerRecord> there = records.layer(id);
      if (there.isPresent()) {
        driver.remove(newName);
        return new StoredLayer(there.get());
      }
      return new StoredLayer(record(newName, id, parent, taken, tarSplit));
    } finally {
      Files.deleteIfExists(tarSplit);
      if (!driver.has(newName)) {
        unfinished.strike(newName);
      }
    }
  }

  /** What was read of a tar. */
  private record Taken(Id diffId, long contentBytes) {}

  private Taken take(
      String newName,
      @Nullable StoredLayer parent,
      InputStream tar,
      @Nullable Id expectedDiffId,
      Path tarSplit)
      throws IOException {
    List<Taken> taken = new ArrayList<>();
    driver.create(
        newName,
        stack(parent),
        (tree, root) -> {
          LayerApply apply = new LayerApply(tree, root, driver.whiteouts());
          Id diffId;
          try (OutputStream splitTo = Files.newOutputStream(tarSplit)) {
            diffId = Id.parse("layer", LayerIntake.take(tar, apply, splitTo));
          }
          if (expectedDiffId != null && !diffId.equals(expectedDiffId)) {
            throw new ArchiveException(
                "layer: digest: expected " + expectedDiffId + ", found " + diffId);
          }
          taken.add(new Taken(diffId, apply.contentBytes()));
        });
    return taken.get(0);
  }

  private LayerRecord record(
      String newName, Id id, @Nullable StoredLayer parent, Taken taken, Path tarSplit)
      throws IOException {
    String driverId = records.newDriverId(id);
    unfinished.note(driverId);
    driver.remove(driverId); // of a layer whose record is gone: it belongs to nobody
    driver.rename(newName, driverId);
    @Nullable Id below = parent == null ? null : parent.id();
    records.addLayer(
        new LayerRecord(id, taken.diffId(), driverId, below, taken.contentBytes(), tarSplit),
        tarSplit);
    layers.changed();
    return records.layer(id).orElseThrow(() -> new IOException("layer " + id + ": not written"));
  }

  private LayerStack stack(@Nullable StoredLayer top) throws IOException {
    return stack(top == null ? null : top.id());
  }

  private LayerStack stack(@Nullable Id top) throws IOException {
    List<Layer> all = new ArrayList<>();
    for (LayerRecord layer : store.layersTo(top)) {
      all.add(new Layer(layer.driverId(), layer.driverId()));
    }
    Collections.reverse(all);
    return new LayerStack(top == null ? "" : top.hex(), false, all);
  }

  /**
   * Adds an image; one that is there already stays as it is.
   *
   * @param config as docker since 1.10 has it, with the diff ids of its layers; its digest is the
   *     image's id
   * @param top its topmost layer; null for an image without layers
   * @param madeFrom the image that it was made from here; null where that is not known
   * @return its id
   */
  public synchronized Id addImage(byte[] config, @Nullable StoredLayer top, @Nullable Id madeFrom)
      throws IOException {
    Id id = Id.digestOf(config);
    if (!store.hasImage(id)) {
      Optional<String> own = records.imageDriverId(id);
      if (own.isPresent()) {
        unfinished.note(own.get());
        driver.remove(own.get());
        driver.create(own.get(), stack(top), WritableDriver.Content.NONE);
      }
      records.addImage(config, top == null ? null : top.id(), madeFrom);
      if (own.isPresent()) {
        unfinished.strike(own.get());
      }
      layers.changed();
    }
    for (LayerRecord layer : store.image(id).layers()) {
      unfinished.strike(layer.driverId());
    }
    return id;
  }

  /** Gives an image a name, {@code latest} where it has no tag; another image may have had it. */
  public synchronized void tag(Reference name, Id image) throws IOException {
    records.tag(name, image);
  }

  /**
   * Takes away the layers that were added and that no image has: what is to be done when a load has
   * failed.
   */
  public synchronized void removeUnused() throws IOException {
    List<String> noted = unfinished.all();
    if (noted.isEmpty()) {
      return;
    }
    Set<String> used = usedDriverIds();
    Map<String, LayerRecord> written = new HashMap<>();
    for (LayerRecord layer : store.layers()) {
      written.put(layer.driverId(), layer);
    }
    List<String> going = new ArrayList<>(noted);
    going.removeAll(used);
    Map<String, Integer> depths = new HashMap<>();
    for (String driverId : going) {
      @Nullable LayerRecord layer = written.get(driverId);
      depths.put(driverId, layer == null ? 0 : store.layersTo(layer.id()).size());
    }
    Comparator<String> byDepth = Comparator.comparing(name -> depths.getOrDefault(name, 0));
    going.sort(byDepth.reversed()); // the upper ones first
    for (String driverId : going) {
      @Nullable LayerRecord layer = written.get(driverId);
      LOG.info("{}: layer {}: belongs to no image, and is removed", store.root(), driverId);
      if (layer != null) {
        records.removeLayer(layer.id());
      }
      driver.remove(driverId);
    }
    layers.changed();
    for (String driverId : noted) {
      unfinished.strike(driverId);
    }
  }

  private Set<String> usedDriverIds() throws IOException {
    Set<String> used = new HashSet<>();
    for (Id id : store.imageIds()) {
      ImageRecord image = store.image(id);
      records.imageDriverId(id).ifPresent(used::add);
      image.layers().forEach(layer -> used.add(layer.driverId()));
    }
    for (Id id : store.containerIds()) {
      var container = store.container(id);
      used.add(container.driverId());
      if (container.initDriverId() != null) {
        used.add(container.initDriverId());
      }
      store.layersTo(container.parent()).forEach(layer -> used.add(layer.driverId()));
    }
    return used;
  }

  @Override
  public synchronized void close() throws IOException {
    try (lock;
        driver) {
      removeUnused();
    }
  }
}
