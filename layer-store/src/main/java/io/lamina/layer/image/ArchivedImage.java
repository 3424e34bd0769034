package io.lamina.layer.image;

import io.lamina.graph.Id;
import io.lamina.graph.ImageConfig;
import io.lamina.graph.Reference;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image in an archive.
 *
 * @param config its record
 * @param layers its layers' tars, the lowest first, as many as the record names
 * @param names what it is to be called
 * @param parent the image it was made from, where the archive says so
 */
record ArchivedImage(
    ImageConfig config, List<Layer> layers, List<Reference> names, @Nullable Id parent) {
  /**
   * A layer in an archive.
   *
   * @param about what it is, for messages
   * @param stored its tar, maybe compressed
   * @param digest of what is stored; null where the archive does not say
   */
  record Layer(String about, ArchiveFile stored, @Nullable Id digest) {}

  ArchivedImage {
    layers = List.copyOf(layers);
    names = List.copyOf(names);
  }

  /**
   * Puts an image together.
   *
   * @param about what it is, for messages
   * @throws IOException when it is not one that can be loaded
   */
  static ArchivedImage of(
      String about, byte[] record, List<Layer> layers, List<String> names, @Nullable Id parent)
      throws IOException {
    ImageConfig config = ImageConfig.parse(about, record);
    String os = config.json().text("os");
    if (!os.isEmpty() && !os.equals("linux")) {
      throw new UnsupportedException(about + ": an image for " + os);
    }
    config.verify();
    int expected = config.diffIds().size();
    if (layers.size() != expected) {
      throw new ArchiveException(
          about + ": its record names " + expected + " layers, the archive " + layers.size());
    }
    List<Reference> references = new ArrayList<>();
    for (String name : names) {
      references.add(reference(about, name));
    }
    return new ArchivedImage(config, layers, references, parent);
  }

  static Reference reference(String about, String name) throws ArchiveException {
    try {
      return Reference.parse(name).withDefaultTag();
    } catch (IllegalArgumentException e) {
      throw new ArchiveException(about + ": " + e.getMessage());
    }
  }
}
