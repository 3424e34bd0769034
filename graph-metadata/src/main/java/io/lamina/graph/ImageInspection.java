package io.lamina.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image in the words of {@code docker inspect}: those of docker 1.9 for a root of its layout,
 * else those of docker 20.10.
 */
final class ImageInspection {
  static final String ZERO_TIME = "0001-01-01T00:00:00Z";

  private final DockerStore store;

  ImageInspection(DockerStore store) {
    this.store = store;
  }

  Map<String, @Nullable Object> of(ImageRecord image) throws IOException {
    JsonObject json = image.json();
    TagStore tags = store.tags(DockerStore.LeftOut.UNTOLD);
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put("Id", image.id().text());
    said.put("RepoTags", tags.tags(image.id()));
    said.put("RepoDigests", tags.digests(image.id()));
    said.put("Parent", image.parent() == null ? "" : image.parent().text());
    said.put("Comment", comment(json));
    said.put("Created", json.has("created") ? json.text("created") : ZERO_TIME);
    said.put("Container", json.text("container"));
    said.put(
        "ContainerConfig",
        isNew(image)
            ? RunConfig.of(json.object("container_config"))
            : json.value("container_config"));
    said.put("DockerVersion", json.text("docker_version"));
    said.put("Author", json.text("author"));
    said.put(
        "Config",
        json.value("config") != null && isNew(image)
            ? RunConfig.of(json.object("config"))
            : json.value("config"));
    said.put("Architecture", json.text("architecture"));
    putUnlessEmpty(said, "Variant", json.text("variant"));
    said.put("Os", json.text("os"));
    putUnlessEmpty(said, "OsVersion", json.text("os.version"));
    putSizes(said, image);
    said.put("GraphDriver", graphDriver(image));
    if (isNew(image)) {
      said.put("RootFS", rootFs(image));
      said.put("Metadata", Map.of("LastTagTime", lastTagTime(image)));
    }
    return said;
  }

  /** Where the image has none, that of its last step. */
  private static String comment(JsonObject json) throws IOException {
    List<JsonObject> history = json.objects("history");
    String own = json.text("comment");
    return own.isEmpty() && !history.isEmpty()
        ? history.get(history.size() - 1).text("comment")
        : own;
  }

  private static void putUnlessEmpty(Map<String, @Nullable Object> said, String key, String value) {
    if (!value.isEmpty()) {
      said.put(key, value);
    }
  }

  /** An image that is called after its config, as all are since docker 1.10. */
  private static boolean isNew(ImageRecord image) {
    return image.id().isDigest();
  }

  /** Before docker 1.10 an image's size was that of its own layer. */
  private static void putSizes(Map<String, @Nullable Object> said, ImageRecord image) {
    List<LayerRecord> layers = image.layers();
    said.put("Size", isNew(image) ? image.size() : layers.get(layers.size() - 1).size());
    said.put("VirtualSize", image.size());
  }

  private Map<String, @Nullable Object> graphDriver(ImageRecord image) throws IOException {
    List<String> ids = image.layers().stream().map(LayerRecord::driverId).toList();
    int top = ids.size() - 1;
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put(
        "Data", top < 0 ? null : GraphDriverData.of(store).data(ids.get(top), ids.subList(0, top)));
    said.put("Name", store.driver());
    return said;
  }

  private static Map<String, Object> rootFs(ImageRecord image) throws IOException {
    JsonObject rootFs = image.json().object("rootfs");
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("Type", rootFs.text("type"));
    if (!image.layers().isEmpty()) {
      said.put("Layers", rootFs.texts("diff_ids"));
    }
    return said;
  }

  private String lastTagTime(ImageRecord image) throws IOException {
    if (store instanceof ImageStore images) {
      Path file = images.notes(image.id()).resolve("lastUpdated");
      if (Files.exists(file)) {
        return RecordFile.line(file);
      }
    }
    return ZERO_TIME;
  }
}
