package io.lamina.graph;

import io.lamina.graph.DockerStore.LeftOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Which images have names: {@code repositories-<driver>}, where the keys of a repository are tags
 * or digests, and since docker 1.10 {@code image/<driver>/repositories.json}, where they are whole
 * names.
 */
public final class TagStore {
  private static final String REPOSITORIES = "Repositories";

  /** What is left out where the whole store is damaged; else it is a repository, or a name. */
  static final String ALL = "names of images";

  private final Path file;
  private final Map<String, Id> ids;
  private final Map<Id, List<String>> names = new HashMap<>();

  private TagStore(Path file, Map<String, Id> ids) {
    this.file = file;
    this.ids = Collections.unmodifiableMap(ids);
    ids.forEach((name, id) -> names.computeIfAbsent(id, any -> new ArrayList<>()).add(name));
  }

  /**
   * Reads the store of the layout before docker 1.10.
   *
   * @param imageId the id of the image that a tag's digits mean
   */
  static TagStore readOld(Path file, UnaryOperator<Id> imageId, LeftOut damaged)
      throws IOException {
    return new TagStore(file, read(file, TagStore::joined, imageId, damaged));
  }

  /** Reads the store of docker 1.10 and later. */
  static TagStore readNew(Path file, LeftOut damaged) throws IOException {
    return new TagStore(file, read(file, entry -> entry.key, UnaryOperator.identity(), damaged));
  }

  /** A key of a repository. */
  private record Entry(String repository, String key) {}

  private static String joined(Entry entry) {
    return entry.repository + (entry.key.contains(":") ? "@" : ":") + entry.key;
  }

  private static Map<String, Id> read(
      Path file, Function<Entry, String> nameOf, UnaryOperator<Id> imageId, LeftOut damaged)
      throws IOException {
    Map<String, Id> ids = new TreeMap<>();
    if (!Files.exists(file)) {
      return ids;
    }
    JsonObject repositories;
    try {
      repositories = JsonObject.read(file).object(REPOSITORIES);
    } catch (IOException e) {
      damaged.because(ALL, e);
      return ids;
    }
    for (String repository : repositories.fields().keySet()) {
      for (String key : keys(repositories, repository, damaged)) {
        String name = familiar(nameOf.apply(new Entry(repository, key)));
        try {
          Id id = Id.parse(file + ": " + name, repositories.object(repository).text(key));
          ids.put(name, imageId.apply(id));
        } catch (IOException e) {
          damaged.because(name, e);
        }
      }
    }
    return ids;
  }

  private static Set<String> keys(JsonObject repositories, String repository, LeftOut damaged)
      throws IOException {
    try {
      return repositories.object(repository).fields().keySet();
    } catch (IOException e) {
      damaged.because(repository, e);
      return Set.of();
    }
  }

  /** As docker shows it; what docker would not have written stays as it is. */
  private static String familiar(String name) {
    try {
      return Reference.parse(name).familiar();
    } catch (IllegalArgumentException e) {
      return name;
    }
  }

  /** The file that holds it, which may be missing. */
  public Path file() {
    return file;
  }

  /** All names with the images they stand for, sorted, as docker shows them: {@code app:1}. */
  public Map<String, Id> ids() {
    return ids;
  }

  /** The image of a name. */
  public Optional<Id> find(Reference name) {
    return Optional.ofNullable(ids.get(key(name)));
  }

  /** What {@link #ids} calls it. */
  public static String key(Reference name) {
    Reference whole = name.withDefaultTag();
    // As docker: where a digest is given, the tag beside it is not looked at.
    return whole.digest() == null
        ? whole.familiar()
        : new Reference(whole.domain(), whole.path(), null, whole.digest()).familiar();
  }

  /** The names with a tag that an image has, {@code app:1}, sorted. */
  public List<String> tags(Id image) {
    return names(image, false);
  }

  /** The names with a digest that an image has, {@code app@sha256:...}, sorted. */
  public List<String> digests(Id image) {
    return names(image, true);
  }

  private List<String> names(Id image, boolean digests) {
    return names.getOrDefault(image, List.of()).stream()
        .filter(name -> name.contains("@") == digests)
        .toList();
  }
}
