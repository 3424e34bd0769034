package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.graph.CommittedImage;
import io.lamina.graph.ContainerRecord;
import io.lamina.graph.Id;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.LayerRecord;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import io.lamina.layer.union.Whiteouts;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes images of containers. */
final class Committing {
  private final RootParts root;
  private final LayerAddition layers;
  private final ImageAddition images;

  Committing(RootParts root) {
    this.root = root;
    this.layers = new LayerAddition(root);
    this.images = new ImageAddition(root);
  }

  Id commit(String text, CommittedImage.Commit commit) throws IOException {
    ContainerRecord container = root.store().container(root.store().findContainer(text));
    ImageRecord image = root.store().image(container.image());
    LayerStack stack = root.layers().stack(container.id().hex());
    String snapshot = "lamina-" + Id.random().hex();
    root.unfinished().note(snapshot);
    try (FileTree content = root.driver().contentNow(stack, snapshot);
        PipedTar tar = PipedTar.of(out -> write(content, out))) {
      return image.id().isDigest()
          ? committed(container, image, commit, tar)
          : committedOld(container, image, commit, tar);
    } finally {
      root.driver().remove(snapshot);
      root.unfinished().strike(snapshot);
      new Cleanup(root).run(); // a layer without a file is no part of the image
    }
  }

  private static void write(FileTree content, OutputStream out) throws IOException {
    // Not closed after a failure: a tar that has an end looks whole.
    TarWriter tar = new TarWriter(out);
    new TreeTar(tar, Whiteouts::isAufsOwn).writeBelow(content.root());
    tar.close();
  }

  private Id committed(
      ContainerRecord container, ImageRecord image, CommittedImage.Commit commit, PipedTar tar)
      throws IOException {
    List<LayerRecord> below = image.layers();
    @Nullable StoredLayer top =
        below.isEmpty() ? null : new StoredLayer(below.get(below.size() - 1));
    StoredLayer added = layers.add(top, tar.in(), null);
    tar.finish();
    Id diffId = Objects.requireNonNull(added.record().diffId());
    byte[] config = CommittedImage.of(image, container, commit, diffId);
    return images.add(config, CommittedImage.isEmptyLayer(diffId) ? top : added, image.id());
  }

  private Id committedOld(
      ContainerRecord container, ImageRecord image, CommittedImage.Commit commit, PipedTar tar)
      throws IOException {
    Id id = Id.random();
    Path tarSplit = layers.newTarSplit();
    root.begin(id.hex());
    try {
      LayerAddition.Taken taken =
          layers.take(id.hex(), root.stack(image.id()), tar.in(), null, tarSplit);
      tar.finish();
      root.records().addOldImage(id, image, container, commit, taken.contentBytes(), tarSplit);
      root.layers().changed();
      root.unfinished().strike(id.hex());
      return id;
    } finally {
      Files.deleteIfExists(tarSplit);
    }
  }
}
