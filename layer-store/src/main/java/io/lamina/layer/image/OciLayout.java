package io.lamina.layer.image;

import io.lamina.graph.Id;
import io.lamina.graph.JsonObject;
import io.lamina.graph.archive.OciDescriptor;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An OCI layout: everything is called after its digest, and found from {@code index.json} on.
 *
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md">OCI image
 *     layout</a>
 */
final class OciLayout {
  private static final String INDEX = "index.json";
  private static final String MARK = "oci-layout";

  /** An index may list another: for several machines, and no deeper. */
  private static final int MAX_DEPTH = 3;

  private final ArchiveFiles files;

  private OciLayout(ArchiveFiles files) {
    this.files = files;
  }

  static boolean isIn(ArchiveFiles files) throws IOException {
    return files.has(INDEX) && files.has(MARK);
  }

  static List<ArchivedImage> images(ArchiveFiles files) throws IOException {
    JsonObject index = JsonObject.parse(INDEX, files.record(INDEX, "archive"));
    OciLayout layout = new OciLayout(files);
    Map<Id, List<String>> names = new LinkedHashMap<>();
    for (OciDescriptor listed : OciDescriptor.all(index, "manifests")) {
      OciDescriptor manifest = layout.manifest(listed, MAX_DEPTH);
      List<String> known = names.computeIfAbsent(manifest.digest(), any -> new ArrayList<>());
      listed.names().stream().limit(1).filter(name -> !known.contains(name)).forEach(known::add);
    }
    List<ArchivedImage> images = new ArrayList<>();
    for (Map.Entry<Id, List<String>> image : names.entrySet()) {
      images.add(layout.image(image.getKey(), image.getValue()));
    }
    return images;
  }

  /** The image that a descriptor stands for: of several, the one for this machine. */
  private OciDescriptor manifest(OciDescriptor listed, int depthLeft) throws IOException {
    if (!listed.isIndex()) {
      blob(listed);
      return listed;
    }
    if (depthLeft == 0) {
      throw new ArchiveException(INDEX + ": lists of lists of images, too many of them");
    }
    JsonObject index = JsonObject.parse(pathOf(listed.digest()), blob(listed));
    List<OciDescriptor> choices = OciDescriptor.all(index, "manifests");
    Optional<OciDescriptor> ours =
        choices.size() == 1
            ? Optional.of(choices.get(0))
            : choices.stream().filter(OciLayout::isForThisMachine).findFirst();
    return manifest(
        ours.orElseThrow(
            () ->
                new UnsupportedException(
                    "an image of which there is none for linux/" + architecture())),
        depthLeft - 1);
  }

  private static boolean isForThisMachine(OciDescriptor image) {
    return image.os().equals("linux") && image.architecture().equals(architecture());
  }

  /** In Go's words. */
  private static String architecture() {
    return Architecture.ofThisMachine();
  }

  private ArchivedImage image(Id digest, List<String> names) throws IOException {
    String about = names.isEmpty() ? digest.text() : names.get(0);
    JsonObject manifest = JsonObject.parse(about, files.record(pathOf(digest), about));
    byte[] config = blob(OciDescriptor.of(manifest.object("config")));
    List<ArchivedImage.Layer> layers = new ArrayList<>();
    for (OciDescriptor layer : OciDescriptor.all(manifest, "layers")) {
      layers.add(
          new ArchivedImage.Layer(
              about + ": " + layer.digest(), sized(layer, about), layer.digest()));
    }
    return ArchivedImage.of(about, config, layers, names, null);
  }

  /** A record, and the one that was meant. */
  private byte[] blob(OciDescriptor wanted) throws IOException {
    String path = pathOf(wanted.digest());
    sized(wanted, "image");
    byte[] bytes = files.record(path, "image");
    Id found = Id.digestOf(bytes);
    if (!found.equals(wanted.digest())) {
      throw new ArchiveException(path + ": digest: expected its name, found " + found);
    }
    return bytes;
  }

  private ArchiveFile sized(OciDescriptor wanted, String about) throws IOException {
    String path = pathOf(wanted.digest());
    ArchiveFile file = files.get(path, about);
    if (file.size() != wanted.size()) {
      throw new ArchiveException(
          about
              + ": "
              + path
              + ": size: expected "
              + wanted.size()
              + " bytes, found "
              + file.size());
    }
    return file;
  }

  private static String pathOf(Id digest) {
    return "blobs/sha256/" + digest.hex();
  }
}
