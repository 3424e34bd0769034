package io.lamina.cli;

import io.lamina.fs.Node;
import java.io.IOException;
import java.util.List;

/** A form of what {@code ls} writes. */
interface Listing {
  /**
   * One file.
   *
   * @param name as it is shown, one character a byte
   */
  record Entry(String name, Node node) {}

  /** Writes files that were named themselves. */
  void files(List<Entry> entries) throws IOException;

  /**
   * Writes what is in a directory.
   *
   * @param path how the directory was named
   */
  void directory(String path, List<Entry> entries) throws IOException;

  /** Whether it shows more than names. */
  boolean needsNodes();
}
