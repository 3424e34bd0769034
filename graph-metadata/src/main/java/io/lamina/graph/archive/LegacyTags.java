package io.lamina.graph.archive;

import io.lamina.graph.GoJson;
import io.lamina.graph.Id;
import io.lamina.graph.JsonObject;
import io.lamina.graph.Reference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** The names of an archive's images in {@code repositories}, the file of docker before 1.10. */
public final class LegacyTags {
  /** What it is called in an archive. */
  public static final String FILE = "repositories";

  private final Map<String, Map<String, String>> repositories = new TreeMap<>();

  /** Reads the file: the id of the topmost layer for each name, {@code app:1}, sorted. */
  public static Map<String, Id> read(byte[] json) throws IOException {
    Map<String, Id> names = new TreeMap<>();
    JsonObject repositories = JsonObject.parse(FILE, json);
    for (String repository : repositories.fields().keySet()) {
      JsonObject tags = repositories.object(repository);
      for (String tag : tags.fields().keySet()) {
        names.put(repository + ":" + tag, Id.parse(tags + ": " + tag, tags.text(tag)));
      }
    }
    return names;
  }

  /**
   * Adds a name.
   *
   * @param top the topmost layer of its image
   */
  public void add(Reference name, Id top) {
    Reference whole = name.withDefaultTag();
    repositories
        .computeIfAbsent(whole.familiarName(), any -> new TreeMap<>())
        .put(String.valueOf(whole.tag()), top.hex());
  }

  /** Whether there is no name. */
  public boolean isEmpty() {
    return repositories.isEmpty();
  }

  /** The file as docker writes it. */
  public byte[] write() {
    return (GoJson.marshalled(repositories) + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
