package io.lamina.layer.image;

import io.lamina.graph.Id;
import io.lamina.graph.JsonObject;
import io.lamina.graph.Reference;
import io.lamina.graph.archive.LegacyTags;
import io.lamina.layer.archive.ArchiveException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An archive of docker before 1.10: each layer is an image, in a directory that is called after its
 * id.
 *
 * @see <a href="https://github.com/moby/moby/blob/v1.9.1/image/spec/v1.md">the format</a>
 */
final class LegacyArchive {
  private static final String RECORD = "/json";

  private final ArchiveFiles files;
  private final Map<Id, Step> steps = new LinkedHashMap<>();

  /**
   * An image of the archive.
   *
   * @param parent what it was made from; null for the lowest
   * @param record what is written down of it
   * @param layer its layer's tar, maybe compressed
   */
  record Step(Id id, @Nullable Id parent, JsonRecord record, ArchivedImage.Layer layer) {}

  /** The bytes of a record. */
  static final class JsonRecord {
    private final byte[] bytes;

    JsonRecord(byte[] bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes.clone();
    }
  }

  private LegacyArchive(ArchiveFiles files) {
    this.files = files;
  }

  static boolean isIn(ArchiveFiles files) throws IOException {
    for (String directory : files.directories()) {
      if (Id.isHex(directory) && files.has(directory + RECORD)) {
        return true;
      }
    }
    return false;
  }

  /** All images, those that others were made from before them. */
  static List<Step> steps(ArchiveFiles files) throws IOException {
    LegacyArchive archive = new LegacyArchive(files);
    for (String directory : files.directories()) {
      if (Id.isHex(directory)) {
        archive.add(Id.random(directory));
      }
    }
    return List.copyOf(archive.steps.values());
  }

  /** Adds an image after all that it was made from. */
  private void add(Id id) throws IOException {
    List<Step> topFirst = new ArrayList<>();
    List<Id> seen = new ArrayList<>();
    @Nullable Id at = id;
    while (at != null && !steps.containsKey(at)) {
      if (seen.contains(at)) {
        throw new ArchiveException("image " + at + ": was made from itself");
      }
      seen.add(at);
      Step step = read(at);
      topFirst.add(step);
      at = step.parent;
    }
    for (int i = topFirst.size() - 1; i >= 0; i--) {
      steps.put(topFirst.get(i).id, topFirst.get(i));
    }
  }

  private Step read(Id id) throws IOException {
    String about = "image " + id.hex();
    byte[] record = files.record(id.hex() + RECORD, about);
    JsonObject json = JsonObject.parse(about, record);
    String parent = json.text("parent");
    @Nullable Id below =
        parent.isEmpty() ? null : Id.random(Id.parse(about + ": parent", parent).hex());
    ArchiveFile layer = files.get(id.hex() + "/layer.tar", about);
    return new Step(id, below, new JsonRecord(record), new ArchivedImage.Layer(about, layer, null));
  }

  /** The names, each with its image. */
  static Map<Reference, Id> names(ArchiveFiles files) throws IOException {
    Map<Reference, Id> names = new LinkedHashMap<>();
    if (files.has(LegacyTags.FILE)) {
      Map<String, Id> tags = LegacyTags.read(files.record(LegacyTags.FILE, "archive"));
      for (Map.Entry<String, Id> tag : tags.entrySet()) {
        names.put(
            ArchivedImage.reference(LegacyTags.FILE, tag.getKey()),
            Id.random(tag.getValue().hex()));
      }
    }
    return names;
  }
}
