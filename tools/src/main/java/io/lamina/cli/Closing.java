package io.lamina.cli;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** The end of what was opened one on top of another. */
final class Closing {
  private Closing() {}

  /** Each of them, in this order, though one before it may fail. */
  static void all(List<? extends Closeable> opened) throws IOException {
    if (opened.isEmpty()) {
      return;
    }
    try {
      opened.get(0).close();
    } finally {
      all(opened.subList(1, opened.size()));
    }
  }

  /** Each of them, in this order, though one before it may fail. */
  static void all(Closeable... opened) throws IOException {
    all(List.of(opened));
  }
}
