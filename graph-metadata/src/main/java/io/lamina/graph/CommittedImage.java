package io.lamina.graph;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The record of an image that is made of a container.
 *
 * @see <a href="https://github.com/moby/moby/blob/v20.10.24/image/image.go">NewChildImage</a>
 */
public final class CommittedImage {
  /** The digest of docker's layer without a file: a tar of two blocks of zeroes. */
  private static final Id EMPTY_LAYER =
      Id.digest("5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef");

  private CommittedImage() {}

  /** Whether a layer has no files, so that an image needs not have it. */
  public static boolean isEmptyLayer(Id diffId) {
    return diffId.equals(EMPTY_LAYER);
  }

  /**
   * What is said of a commit.
   *
   * @param author null where nothing is said
   * @param comment null where nothing is said
   * @param changes instructions of a Dockerfile
   */
  public record Commit(@Nullable String author, @Nullable String comment, List<String> changes) {}

  /**
   * The config of docker since 1.10, of which the image's id is the digest.
   *
   * @param image what the container was made from
   * @param diffId digest of the layer that the container left
   */
  public static byte[] of(ImageRecord image, ContainerRecord container, Commit commit, Id diffId)
      throws IOException {
    String created = Instant.now().toString();
    JsonObject before = image.json();
    Map<String, @Nullable Object> config = new TreeMap<>();
    putUnlessEmpty(config, "architecture", before.text("architecture"));
    putUnlessEmpty(config, "variant", before.text("variant"));
    putUnlessEmpty(config, "author", commit.author());
    putCommitted(config, container, commit);
    config.put("created", created);
    config.put("os", before.text("os").isEmpty() ? "linux" : before.text("os"));
    List<Object> history = new ArrayList<>();
    before.objects("history").forEach(step -> history.add(step.fields()));
    history.add(step(container, commit, created, isEmptyLayer(diffId)));
    config.put("history", history);
    List<String> diffIds = new ArrayList<>(before.object("rootfs").texts("diff_ids"));
    if (!isEmptyLayer(diffId)) {
      diffIds.add(diffId.text());
    }
    Map<String, Object> rootFs = new LinkedHashMap<>();
    rootFs.put("type", "layers");
    rootFs.put("diff_ids", diffIds);
    config.put("rootfs", rootFs);
    return GoJson.bytes(config);
  }

  /** The record of an image before docker 1.10, but for its id and its parent. */
  static Map<String, @Nullable Object> old(
      ImageRecord image, ContainerRecord container, Commit commit) throws IOException {
    JsonObject before = image.json();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    putUnlessEmpty(json, "comment", commit.comment());
    json.put("created", Instant.now().toString());
    putCommitted(json, container, commit);
    putUnlessEmpty(json, "author", commit.author());
    putUnlessEmpty(json, "architecture", before.text("architecture"));
    putUnlessEmpty(json, "os", before.text("os"));
    return json;
  }

  private static void putCommitted(
      Map<String, @Nullable Object> config, ContainerRecord container, Commit commit)
      throws IOException {
    JsonObject run = container.config().object("Config");
    config.put("config", ConfigChanges.applied(run, commit.changes()));
    config.put("container", container.id().hex());
    config.put("container_config", run.fields());
  }

  private static void putUnlessEmpty(
      Map<String, @Nullable Object> config, String field, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      config.put(field, value);
    }
  }

  private static Map<String, @Nullable Object> step(
      ContainerRecord container, Commit commit, String created, boolean isEmpty)
      throws IOException {
    Map<String, @Nullable Object> step = new LinkedHashMap<>();
    step.put("created", created);
    putUnlessEmpty(step, "author", commit.author());
    List<String> command = container.config().object("Config").texts("Cmd");
    putUnlessEmpty(step, "created_by", String.join(" ", command));
    putUnlessEmpty(step, "comment", commit.comment());
    if (isEmpty) {
      step.put("empty_layer", true);
    }
    return step;
  }
}
