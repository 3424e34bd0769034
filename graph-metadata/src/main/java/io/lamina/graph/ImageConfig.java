package io.lamina.graph;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an image is since docker 1.10: a record that names its layers by the digests of their tars,
 * and whose own digest is the image's id. OCI's is the same.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/spec/v1.2.md">docker's image
 *     specification 1.2</a>
 */
public final class ImageConfig {
  /** The first docker whose records are taken over word by word. */
  private static final int[] FIRST_EXACT_VERSION = {1, 8, 3};

  /** What a record says of docker before 1.10, and an image's id must not depend on. */
  private static final List<String> NOT_KEPT =
      List.of("id", "parent", "Size", "parent_id", "layer_id", "throwaway");

  private final byte[] bytes;
  private final JsonObject json;
  private final List<Id> diffIds;

  private ImageConfig(byte[] bytes, JsonObject json, List<Id> diffIds) {
    this.bytes = bytes;
    this.json = json;
    this.diffIds = diffIds;
  }

  /**
   * Reads a record.
   *
   * @param where what messages call it
   * @throws IOException when it is none
   */
  public static ImageConfig parse(String where, byte[] bytes) throws IOException {
    JsonObject json = JsonObject.parse(where, bytes);
    if (!json.has("rootfs")) {
      throw new IOException(where + ": is no image's record: it names no layers (rootfs)");
    }
    List<Id> diffIds = ChainId.diffIds(json);
    for (Id diffId : diffIds) {
      if (!diffId.isDigest()) {
        throw new IOException(where + ": diff_ids: expected a digest, found " + diffId);
      }
    }
    return new ImageConfig(bytes.clone(), json, List.copyOf(diffIds));
  }

  /**
   * Makes one of the records of docker before 1.10, as docker since then does when it loads an old
   * archive or takes over an old root; so it has the id that docker gives it.
   *
   * @param records those of the image and of all it was made from, the lowest first
   * @param diffIds the digests of their layers' tars
   * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/v1/imagev1.go">docker's way</a>
   */
  public static ImageConfig ofV1(List<byte[]> records, List<Id> diffIds) throws IOException {
    if (records.isEmpty() || records.size() != diffIds.size()) {
      throw new IllegalArgumentException("records: " + records.size());
    }
    List<Object> history = new ArrayList<>();
    for (byte[] record : records) {
      history.add(step(JsonObject.parse("json", record)));
    }
    RawFields fields = kept(records.get(records.size() - 1));
    fields.put("rootfs", rootFs(diffIds));
    fields.put("history", history);
    return parse("config", fields.marshalled());
  }

  /**
   * The record of an image that has one layer, made of a tar.
   *
   * @param config how its processes are run
   * @param comment what is said of it
   * @param architecture of the machines that it is for, in Go's words
   */
  public static ImageConfig ofImport(
      Map<String, @Nullable Object> config, String comment, String architecture, Id diffId)
      throws IOException {
    Map<String, @Nullable Object> said = new LinkedHashMap<>();
    said.put("architecture", architecture);
    said.put("comment", comment);
    said.put("config", config);
    said.put("created", Instant.now().toString());
    said.put("os", "linux");
    RawFields fields = new RawFields();
    Map<String, @Nullable Object> whole =
        V1Record.fields(JsonObject.parse("config", V1Record.bytes(said)));
    whole.forEach(fields::put);
    Map<String, @Nullable Object> step = new LinkedHashMap<>();
    step.put("created", whole.get("created"));
    step.put("comment", comment);
    fields.put("history", List.of(step));
    fields.put("rootfs", rootFs(List.of(diffId)));
    return parse("config", fields.marshalled());
  }

  private static Map<String, Object> rootFs(List<Id> diffIds) {
    Map<String, Object> rootFs = new LinkedHashMap<>();
    rootFs.put("type", "layers");
    rootFs.put("diff_ids", diffIds.stream().map(Id::text).toList());
    return rootFs;
  }

  private static RawFields kept(byte[] record) throws IOException {
    JsonObject json = JsonObject.parse("json", record);
    byte[] exact =
        isExact(json.text("docker_version")) ? record : V1Record.bytes(V1Record.fields(json));
    RawFields fields = RawFields.of("json", exact);
    NOT_KEPT.forEach(fields::remove);
    return fields;
  }

  /** Whether a version is not before the first exact one; a part that is no number is zero. */
  private static boolean isExact(String version) {
    String[] parts = version.split("\\.", -1);
    for (int i = 0; i < Math.max(parts.length, FIRST_EXACT_VERSION.length); i++) {
      int part =
          i < parts.length && parts[i].matches("[0-9]{1,9}") ? Integer.parseInt(parts[i]) : 0;
      int first = i < FIRST_EXACT_VERSION.length ? FIRST_EXACT_VERSION[i] : 0;
      if (part != first) {
        return part > first;
      }
    }
    return true;
  }

  private static Map<String, @Nullable Object> step(JsonObject json) throws IOException {
    Map<String, @Nullable Object> whole = V1Record.fields(json);
    Map<String, @Nullable Object> step = new LinkedHashMap<>();
    step.put("created", whole.get("created"));
    if (whole.containsKey("author")) {
      step.put("author", whole.get("author"));
    }
    String command = String.join(" ", RunConfig.command(json.object("container_config")));
    if (!command.isEmpty()) {
      step.put("created_by", command);
    }
    if (whole.containsKey("comment")) {
      step.put("comment", whole.get("comment"));
    }
    return step;
  }

  /**
   * Looks at all that is told of an image later.
   *
   * @throws IOException when some of it is not what it must be
   */
  public void verify() throws IOException {
    json.time("created");
    for (String field : List.of("author", "architecture", "os", "comment", "docker_version")) {
      json.text(field);
    }
    for (JsonObject step : json.objects("history")) {
      step.time("created");
      step.flag("empty_layer");
      for (String field : List.of("author", "created_by", "comment")) {
        step.text(field);
      }
    }
    RunConfig.of(json.object("config"));
    RunConfig.of(json.object("container_config"));
  }

  /** The image's id: the digest of the record. */
  public Id id() {
    return Id.digestOf(bytes);
  }

  /** The record, byte for byte. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The record, every field of it. */
  public JsonObject json() {
    return json;
  }

  /** The digests of its layers' tars, the lowest first. */
  public List<Id> diffIds() {
    return diffIds;
  }
}
