package io.lamina.graph.archive;

import io.lamina.graph.GoJson;
import io.lamina.graph.Id;
import io.lamina.graph.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image of an archive of docker 1.10 or later, as {@code manifest.json} lists it.
 *
 * @param config the name of its record in the archive
 * @param tags its names, {@code app:1}
 * @param layers the names of its layers' tars in the archive, the lowest first
 * @param parent the image it was made from, where that is in the archive too
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/spec/v1.2.md">the format</a>
 */
public record ManifestItem(
    String config, List<String> tags, List<String> layers, @Nullable Id parent) {
  /** What the list is called in an archive. */
  public static final String FILE = "manifest.json";

  /** Keeps copies of the lists. */
  public ManifestItem {
    tags = List.copyOf(tags);
    layers = List.copyOf(layers);
  }

  /** Reads the list. */
  public static List<ManifestItem> read(byte[] json) throws IOException {
    List<ManifestItem> items = new ArrayList<>();
    for (JsonObject item : JsonObject.parseList(FILE, json)) {
      if (item.text("Config").isEmpty()) {
        throw new IOException(item + ": names no record of the image (Config)");
      }
      String parent = item.text("Parent");
      items.add(
          new ManifestItem(
              item.text("Config"),
              item.texts("RepoTags"),
              item.texts("Layers"),
              parent.isEmpty() ? null : Id.parse(item + ": Parent", parent)));
    }
    return items;
  }

  /** Writes the list as docker does. */
  public static byte[] write(List<ManifestItem> items) {
    List<Map<String, @Nullable Object>> list = new ArrayList<>();
    for (ManifestItem item : items) {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("Config", item.config);
      fields.put("RepoTags", item.tags.isEmpty() ? null : item.tags);
      fields.put("Layers", item.layers.isEmpty() ? null : item.layers);
      if (item.parent != null) {
        fields.put("Parent", item.parent.text());
      }
      list.add(fields);
    }
    return (GoJson.marshalled(list) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
