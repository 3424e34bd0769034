package io.lamina.layer;

import io.lamina.fs.FileTree;
import io.lamina.layer.change.Change;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** How a storage driver keeps layers, as trees. Safe for use by many threads. */
interface DriverTrees extends Closeable {
  /** What a stack looks like; it stays open as long as this. */
  FileTree merged(LayerStack stack) throws IOException;

  /**
   * What its own layer changed, in aufs' notation for aufs and devices, in overlay's for overlay.
   */
  FileTree diff(LayerStack stack) throws IOException;

  /**
   * What a tar of its own layer has: all that it changed, docker's eyes or not, in aufs' notation.
   */
  FileTree content(LayerStack stack) throws IOException;

  /** Where the files that its own layer brought are found by their names. */
  default FileTree files(LayerStack stack) throws IOException {
    return merged(stack);
  }

  /** How much room it takes. */
  LayerSize size(LayerStack stack) throws IOException;

  /** What its own layer changed, as docker tells it. */
  List<Change> changes(LayerStack stack) throws IOException;
}
