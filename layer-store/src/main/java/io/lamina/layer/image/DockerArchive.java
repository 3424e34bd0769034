package io.lamina.layer.image;

import io.lamina.graph.Id;
import io.lamina.graph.archive.ManifestItem;
import io.lamina.layer.archive.ArchiveException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An archive as docker has written it since 1.10, and podman, skopeo and others do.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/spec/v1.2.md">the format</a>
 */
final class DockerArchive {
  /** How a record that is called after its digest is called, by those who do so. */
  private static final Pattern DIGEST_NAME =
      Pattern.compile("(?:.*/|sha256:)?([0-9a-f]{64})(?:\\.json)?");

  private DockerArchive() {}

  static boolean isIn(ArchiveFiles files) throws IOException {
    return files.has(ManifestItem.FILE);
  }

  static List<ArchivedImage> images(ArchiveFiles files) throws IOException {
    List<ArchivedImage> images = new ArrayList<>();
    for (ManifestItem item : ManifestItem.read(files.record(ManifestItem.FILE, "archive"))) {
      images.add(image(files, item));
    }
    return images;
  }

  private static ArchivedImage image(ArchiveFiles files, ManifestItem item) throws IOException {
    String about = item.tags().isEmpty() ? item.config() : item.tags().get(0);
    byte[] record = files.record(item.config(), about);
    Matcher named = DIGEST_NAME.matcher(item.config());
    Id digest = Id.digestOf(record);
    if (named.matches() && !named.group(1).equals(digest.hex())) {
      throw new ArchiveException(
          about + ": " + item.config() + ": digest: expected its name, found " + digest);
    }
    List<ArchivedImage.Layer> layers = new ArrayList<>();
    for (String name : item.layers()) {
      String layer = about + ": " + name;
      layers.add(new ArchivedImage.Layer(layer, files.get(name, about), null));
    }
    return ArchivedImage.of(about, record, layers, item.tags(), item.parent());
  }
}
