package io.lamina.layer;

import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.layer.archive.LayerApply;
import io.lamina.layer.archive.LayerIntake;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Adds layers to a root. */
final class LayerAddition {
  private final RootParts root;

  LayerAddition(RootParts root) {
    this.root = root;
  }

  /** What was read of a layer's tar. */
  record Taken(Id diffId, long contentBytes) {}

  Optional<StoredLayer> find(@Nullable StoredLayer parent, Id diffId) throws IOException {
    return root.records()
        .layer(root.records().layerId(record(parent), diffId))
        .map(StoredLayer::new);
  }

  private static @Nullable LayerRecord record(@Nullable StoredLayer layer) {
    return layer == null ? null : layer.record();
  }

  StoredLayer add(@Nullable StoredLayer parent, InputStream tar, @Nullable Id expectedDiffId)
      throws IOException {
    String newName = "lamina-" + Id.random().hex();
    Path tarSplit = newTarSplit();
    root.unfinished().note(newName);
    try {
      LayerStack below = root.stack(parent == null ? null : parent.id());
      Taken taken = take(newName, below, tar, expectedDiffId, tarSplit);
      Id id = root.records().layerId(record(parent), taken.diffId());
      Optional<LayerRecord> there = root.records().layer(id);
      if (there.isPresent()) {
        root.driver().remove(newName);
        return new StoredLayer(there.get());
      }
      return new StoredLayer(written(newName, id, parent, taken, tarSplit));
    } finally {
      Files.deleteIfExists(tarSplit);
      if (!root.driver().has(newName)) {
        root.unfinished().strike(newName);
      }
    }
  }

  /** A file for what makes a layer's tar again. */
  Path newTarSplit() {
    return root.records().unfinished().resolve(Id.random().hex());
  }

  /**
   * Makes a layer of the storage driver.
   *
   * @param tarSplit what makes the tar again is written there
   */
  Taken take(
      String driverId,
      LayerStack below,
      InputStream tar,
      @Nullable Id expectedDiffId,
      Path tarSplit)
      throws IOException {
    List<Taken> taken = new ArrayList<>();
    root.driver()
        .create(
            driverId,
            below,
            (tree, directory) -> {
              LayerApply apply = new LayerApply(tree, directory, root.driver().whiteouts());
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

  private LayerRecord written(
      String newName, Id id, @Nullable StoredLayer parent, Taken taken, Path tarSplit)
      throws IOException {
    String driverId = root.records().newDriverId(id);
    root.begin(driverId);
    root.driver().rename(newName, driverId);
    @Nullable Id below = parent == null ? null : parent.id();
    root.records()
        .addLayer(
            new LayerRecord(id, taken.diffId(), driverId, below, taken.contentBytes(), tarSplit),
            tarSplit);
    root.layers().changed();
    return root.records()
        .layer(id)
        .orElseThrow(() -> new IOException("layer " + id + ": was not written"));
  }
}
