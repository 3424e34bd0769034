package io.lamina.cli;

import io.lamina.cli.format.PathPattern;
import io.lamina.graph.DockerStore;
import io.lamina.graph.ImageRecord;
import io.lamina.graph.JsonObject;
import io.lamina.graph.Reference;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which images are asked for, in the words of {@code docker images --filter}.
 *
 * @see <a href="https://docs.docker.com/reference/cli/docker/image/ls/#filter">the filters</a>
 */
final class ImageFilters {
  private final List<Pattern> references = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();
  private @Nullable Reference name;
  private @Nullable Boolean dangling;
  private @Nullable Instant before;
  private @Nullable Instant since;

  private ImageFilters() {}

  /**
   * Reads filters.
   *
   * @param name of the images, or a pattern of that; null where none is given
   * @throws IllegalArgumentException for one that there is not
   * @throws io.lamina.graph.NotFoundException when it speaks of an image that is not there
   */
  static ImageFilters of(DockerStore store, @Nullable String name, List<String> texts)
      throws IOException {
    ImageFilters filters = new ImageFilters();
    if (name != null) {
      filters.addName(name);
    }
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals < 0) {
        throw new IllegalArgumentException("bad format of filter (expected name=value)");
      }
      filters.add(store, text.substring(0, equals).strip(), text.substring(equals + 1).strip());
    }
    return filters;
  }

  /** A name without a pattern may be written out, with docker.io or library before it. */
  private void addName(String text) {
    references.add(PathPattern.compile(text));
    if (text.chars().noneMatch(c -> "*?[\\".indexOf(c) >= 0)) {
      name = Reference.parse(text);
    }
  }

  private void add(DockerStore store, String key, String value) throws IOException {
    switch (key) {
      case "dangling" -> dangling = truth(value);
      case "reference" -> references.add(PathPattern.compile(value));
      case "label" -> labels.add(value);
      case "before" -> before = store.image(store.findImage(value)).created();
      case "since" -> since = store.image(store.findImage(value)).created();
      default -> throw new IllegalArgumentException("Invalid filter '" + key + "'");
    }
  }

  private static boolean truth(String value) {
    return switch (value) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default -> throw new IllegalArgumentException("Invalid filter 'dangling=[" + value + "]'");
    };
  }

  /** Whether an image may be shown, whatever its names. */
  boolean takes(ImageRecord image, boolean hasTags) throws IOException {
    Instant created = image.created();
    return !(Boolean.TRUE.equals(dangling) && hasTags)
        && (before == null || created.isBefore(before))
        && (since == null || created.isAfter(since))
        && hasLabels(image.json().object("config").object("Labels"));
  }

  private boolean hasLabels(JsonObject has) throws IOException {
    for (String label : labels) {
      int equals = label.indexOf('=');
      String key = equals < 0 ? label : label.substring(0, equals);
      if (!has.has(key) || (equals >= 0 && !has.text(key).equals(label.substring(equals + 1)))) {
        return false;
      }
    }
    return true;
  }

  /** Whether an image without a name may be shown. */
  boolean takesNameless() {
    return references.isEmpty() && !Boolean.FALSE.equals(dangling);
  }

  /** Whether an image may be shown under a name. */
  boolean takesName(String repository, String tag) {
    if (references.isEmpty()) {
      return true;
    }
    boolean isNamed =
        name != null
            && name.familiarName().equals(repository)
            && (name.tag() == null || name.tag().equals(tag));
    return isNamed
        || references.stream()
            .anyMatch(
                pattern ->
                    pattern.matcher(repository + ":" + tag).matches()
                        || pattern.matcher(repository).matches());
  }
}
