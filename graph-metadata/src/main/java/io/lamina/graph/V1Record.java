package io.lamina.graph;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image or a layer in the words of docker before 1.10, in which each layer was an image.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/image.go">V1Image of docker
 *     20.10</a>
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/v1/imagev1.go">the ids</a>
 */
public final class V1Record {
  /** When a layer was made that is not the topmost: docker 1.8 wants a time. */
  private static final String EPOCH = "1970-01-01T00:00:00Z";

  private static final String ID = "id";
  private static final String PARENT = "parent";
  private static final String SIZE = "Size";

  /** Go's RFC3339Nano: as many digits of the second as it needs. */
  private static final DateTimeFormatter GO_TIME =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .appendOffset("+HH:MM", "Z")
          .toFormatter(Locale.ROOT);

  private final Id id;
  private final byte[] json;

  private V1Record(Id id, byte[] json) {
    this.id = id;
    this.json = json;
  }

  /** Its id, no digest. */
  public Id id() {
    return id;
  }

  /** The record itself. */
  public byte[] json() {
    return json.clone();
  }

  /**
   * What docker since 1.10 writes into an archive for each layer of an image, so that an older one
   * can load it: the lowest first, the topmost with all that the image says.
   */
  public static List<V1Record> layersOf(ImageConfig config) throws IOException {
    List<V1Record> records = new ArrayList<>();
    String os = config.json().text("os");
    @Nullable Id below = null;
    @Nullable Id chainId = null;
    for (Id diffId : config.diffIds()) {
      chainId = ChainId.of(chainId, diffId);
      boolean isTop = records.size() == config.diffIds().size() - 1;
      V1Record record =
          isTop ? of(fields(config.json()), chainId, below, os) : ofLayer(chainId, below, os);
      records.add(record);
      below = record.id;
    }
    return records;
  }

  /**
   * A layer that is no image's topmost: it goes by what it holds alone.
   *
   * @param chainId of the layer and all below it
   * @param below the id of the layer below; null for the lowest
   * @param os empty where it is not known
   */
  public static V1Record ofLayer(Id chainId, @Nullable Id below, String os) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("created", EPOCH);
    fields.put("container_config", RunConfig.NONE);
    return of(fields, chainId, below, os);
  }

  private static V1Record of(
      Map<String, @Nullable Object> fields, Id chainId, @Nullable Id below, String os) {
    Id id = id(fields, chainId, below);
    Map<String, @Nullable Object> whole = new LinkedHashMap<>();
    whole.put(ID, id.hex());
    if (below != null) {
      whole.put(PARENT, below.hex());
    }
    whole.putAll(fields);
    if (!os.isEmpty()) {
      whole.put("os", os);
    }
    return new V1Record(id, bytes(whole));
  }

  /**
   * The record of an image of before docker 1.10 as its own docker writes it into an archive: with
   * the size of its layer, which docker 1.9 keeps beside the record, and with its id and its
   * parent's, which those from a registry go without.
   */
  public static byte[] saved(ImageRecord image, long layerSize) throws IOException {
    if (!image.json().has(ID)) {
      return bytes(ofRegistry(image, layerSize));
    }
    if (layerSize == 0 || image.json().has(SIZE)) {
      return image.bytes();
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(image.json().fields());
    fields.put(SIZE, layerSize);
    return bytes(fields);
  }

  private static Map<String, @Nullable Object> ofRegistry(ImageRecord image, long layerSize)
      throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put(ID, image.id().hex());
    if (image.parent() != null) {
      fields.put(PARENT, image.parent().hex());
    }
    fields.putAll(fields(image.json()));
    if (layerSize != 0) {
      fields.put(SIZE, layerSize);
    }
    putText(fields, image.json(), "parent_id");
    putText(fields, image.json(), "layer_id");
    return fields;
  }

  private static Id id(Map<String, @Nullable Object> fields, Id chainId, @Nullable Id below) {
    RawFields sorted = new RawFields();
    fields.forEach(sorted::put);
    sorted.put("layer_id", chainId.text());
    if (below != null) {
      sorted.put(PARENT, Id.digest(below.hex()).text());
    }
    return Id.random(Id.digestOf(sorted.marshalled()).hex());
  }

  /** The record as docker's own structure gives it back: known fields, in its order; no id. */
  static Map<String, @Nullable Object> fields(JsonObject json) throws IOException {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    putText(fields, json, "comment");
    fields.put("created", time(json));
    putText(fields, json, "container");
    fields.put("container_config", RunConfig.of(json.object("container_config")));
    putText(fields, json, "docker_version");
    putText(fields, json, "author");
    if (json.value("config") != null) {
      fields.put("config", RunConfig.of(json.object("config")));
    }
    putText(fields, json, "architecture");
    putText(fields, json, "variant");
    putText(fields, json, "os");
    if (json.number(SIZE) != 0) {
      fields.put(SIZE, json.number(SIZE));
    }
    return fields;
  }

  private static void putText(Map<String, @Nullable Object> fields, JsonObject json, String name)
      throws IOException {
    if (!json.text(name).isEmpty()) {
      fields.put(name, json.text(name));
    }
  }

  /** When it was made, as Go writes a time that it has read. */
  static String time(JsonObject json) throws IOException {
    json.time("created"); // says what is wrong with it
    String text = json.text("created");
    return GO_TIME.format(
        text.isEmpty() ? JsonObject.NEVER.atOffset(ZoneOffset.UTC) : OffsetDateTime.parse(text));
  }

  static byte[] bytes(Object json) {
    return GoJson.marshalled(json).getBytes(StandardCharsets.UTF_8);
  }
}
