package io.lamina.layer.image;

import io.lamina.graph.DockerStore;
import io.lamina.graph.Id;
import io.lamina.graph.NotFoundException;
import io.lamina.graph.Reference;
import io.lamina.graph.TagStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image that goes into an archive, with the names that go with it.
 *
 * @param names with a tag each; none where it was asked for by its id
 */
public record NamedImage(Id id, List<Reference> names) {
  /** Keeps a copy of the list. */
  public NamedImage {
    names = List.copyOf(names);
  }

  /**
   * The images that somebody means, each once, in the order of their first names. As {@code docker
   * save} takes them: a repository stands for all its tags, an id for an image without a name.
   *
   * @throws NotFoundException when one is not there, or an id is ambiguous
   */
  public static List<NamedImage> find(DockerStore store, List<String> texts) throws IOException {
    TagStore tags = store.tags(DockerStore.LeftOut.UNTOLD);
    Map<Id, List<Reference>> found = new LinkedHashMap<>();
    for (String text : texts) {
      List<Reference> names = meant(tags, text);
      if (names.isEmpty()) {
        found.computeIfAbsent(store.findImage(text), any -> new ArrayList<>());
      }
      for (Reference name : names) {
        Id id = tags.find(name).orElseThrow();
        List<Reference> known = found.computeIfAbsent(id, any -> new ArrayList<>());
        if (name.tag() != null && !known.contains(name)) {
          known.add(name);
        }
      }
    }
    List<NamedImage> images = new ArrayList<>();
    found.forEach((id, names) -> images.add(new NamedImage(id, names)));
    return images;
  }

  /** The names that a text stands for; none where it is an id. */
  private static List<Reference> meant(TagStore tags, String text) {
    Optional<Reference> parsed = parse(text);
    if (parsed.isEmpty()) {
      return List.of();
    }
    Reference name = parsed.get();
    if (name.tag() != null || name.digest() != null) {
      return tags.find(name).isPresent() ? List.of(name) : List.of();
    }
    List<Reference> names = new ArrayList<>();
    for (String known : tags.ids().keySet()) {
      Optional<Reference> other = parse(known);
      if (other.isPresent() && other.get().familiarName().equals(name.familiarName())) {
        names.add(other.get());
      }
    }
    return names;
  }

  private static Optional<Reference> parse(String text) {
    try {
      return Optional.of(Reference.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
