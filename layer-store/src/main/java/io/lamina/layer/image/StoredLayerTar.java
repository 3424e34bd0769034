package io.lamina.layer.image;

import io.lamina.fs.FileTree;
import io.lamina.graph.Id;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.tarsplit.Piece;
import io.lamina.graph.tarsplit.TarSplitReader;
import io.lamina.layer.DockerLayers;
import io.lamina.layer.Layer;
import io.lamina.layer.LayerStack;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.layer.archive.SplitTar;
import io.lamina.layer.archive.TarWriter;
import io.lamina.layer.archive.TreeTar;
import io.lamina.layer.union.Whiteouts;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The tar of a docker root's layer: put together again from what docker kept of it, so that it is
 * the one that the layer came with; where docker kept nothing, as before 1.8, a tar of what the
 * layer changed.
 */
final class StoredLayerTar implements LayerTar {
  private final DockerLayers layers;
  private final LayerRecord record;
  private final LayerStack stack;
  private final ImageProgress progress;
  private final Id diffId;
  private final long size;

  /**
   * The tar of the topmost of some layers. Where docker did not keep its digest, or nothing to put
   * it together from, it is made once to find out what it will be.
   *
   * @param lowestFirst the layer and all below it
   * @throws IOException also when it is not the tar that the layer's record speaks of
   */
  StoredLayerTar(DockerLayers layers, List<LayerRecord> lowestFirst, ImageProgress progress)
      throws IOException {
    this.layers = layers;
    this.record = lowestFirst.get(lowestFirst.size() - 1);
    this.progress = progress;
    List<Layer> topFirst = new ArrayList<>();
    for (LayerRecord layer : lowestFirst) {
      topFirst.add(0, new Layer(layer.driverId(), layer.driverId()));
    }
    this.stack = new LayerStack(record.driverId(), false, topFirst);
    Id known = record.diffId();
    progress.expect(record.size());
    if (known != null && record.tarSplit().isPresent()) {
      this.diffId = known;
      this.size = sizeOf(record.tarSplit().get());
    } else {
      progress.expect(record.size());
      DigestOutput measure =
          write(record, stack, layers, OutputStream.nullOutputStream(), progress);
      this.diffId = measure.digest();
      this.size = measure.byteCount();
      require(known == null ? diffId : known, diffId);
    }
  }

  private static long sizeOf(Path tarSplit) throws IOException {
    long size = 0;
    try (InputStream kept = Files.newInputStream(tarSplit);
        TarSplitReader pieces = new TarSplitReader(kept)) {
      for (Piece piece = pieces.next(); piece != null; piece = pieces.next()) {
        if (piece instanceof Piece.Segment segment) {
          size += segment.bytes().remaining();
        } else if (piece instanceof Piece.Content content) {
          size += content.size();
        }
      }
    }
    return size;
  }

  @Override
  public Id diffId() {
    return diffId;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    require(diffId, write(record, stack, layers, out, progress).digest());
  }

  private void require(Id expected, Id found) throws IOException {
    if (!found.equals(expected)) {
      String why =
          record.tarSplit().isPresent()
              ? ""
              : " (of its files alone: what docker keeps to make the same tar again is missing)";
      throw new IOException(
          "layer "
              + record.driverId()
              + ": its tar: expected "
              + expected
              + ", found "
              + found
              + why);
    }
  }

  private static DigestOutput write(
      LayerRecord record,
      LayerStack stack,
      DockerLayers layers,
      OutputStream out,
      ImageProgress progress)
      throws IOException {
    DigestOutput digested = new DigestOutput(out, progress);
    try {
      if (record.tarSplit().isPresent()) {
        writeAgain(record.tarSplit().get(), layers.files(stack), digested);
      } else {
        writeContent(layers.content(stack), digested);
      }
    } catch (ArchiveException e) {
      throw new IOException("layer " + record.driverId() + ": " + e.getMessage(), e);
    }
    return digested;
  }

  private static void writeAgain(Path tarSplit, FileTree files, OutputStream out)
      throws IOException {
    try (files;
        InputStream kept = Files.newInputStream(tarSplit);
        TarSplitReader pieces = new TarSplitReader(kept)) {
      new SplitTar(files.root()).writeTo(pieces, out);
    }
  }

  private static void writeContent(FileTree content, OutputStream out) throws IOException {
    try (content) {
      TarWriter tar = new TarWriter(out);
      new TreeTar(tar, Whiteouts::isAufsOwn).writeBelow(content.root());
      tar.close();
    }
  }
}
