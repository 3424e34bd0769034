package io.lamina.cli;

import java.nio.file.Path;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * A file in a pool, as an argument names it: {@code SOURCE:VOLUME/path}.
 *
 * <p>Colons may be part of SOURCE, of the volume's name and of the path: the longest beginning that
 * is a pool is SOURCE; where none is, what stands before the first colon. Where options name the
 * pool, the argument is {@code VOLUME/path} or {@code :VOLUME/path}, or in full where SOURCE is the
 * docker root that the pool belongs to.
 *
 * @param text the whole argument
 * @param source where the pool is; null where options say
 * @param volume name or id of the volume
 * @param path the rest, empty or beginning with a slash
 */
record Location(String text, @Nullable String source, String volume, String path) {
  /** Form of the argument, for usage messages. */
  static final String FORM = "SOURCE:VOLUME/path";

  /**
   * Takes an argument apart.
   *
   * @param latin1 the argument, one character a byte
   * @param poolIsNamed whether options name the pool
   * @param isSource whether something is a pool; where options name that, whether it is a docker
   *     root
   */
  static Location parse(String latin1, boolean poolIsNamed, Predicate<Path> isSource) {
    int first = latin1.indexOf(':');
    int least = poolIsNamed ? 0 : first;
    for (int at = latin1.lastIndexOf(':'); at > least; at = latin1.lastIndexOf(':', at - 1)) {
      String source = latin1.substring(0, at);
      if (Text.decode(source) != null && isSource.test(Text.hostPath(source))) {
        return of(latin1, source, latin1.substring(at + 1));
      }
    }
    if (poolIsNamed) {
      return of(latin1, null, first == 0 ? latin1.substring(1) : latin1);
    }
    if (first <= 0) {
      throw new TypeConversionException("'" + Text.display(latin1) + "' is no " + FORM);
    }
    return of(latin1, latin1.substring(0, first), latin1.substring(first + 1));
  }

  private static Location of(String text, @Nullable String source, String rest) {
    int slash = rest.indexOf('/');
    String volume = slash < 0 ? rest : rest.substring(0, slash);
    if (volume.isEmpty()) {
      throw new TypeConversionException(
          "'" + Text.display(text) + "' names no volume; it should be " + FORM);
    }
    return new Location(text, source, volume, slash < 0 ? "" : rest.substring(slash));
  }

  /** The last name of the path as typed: empty for a volume's root, maybe {@code .}. */
  String lastName() {
    String trimmed = path.replaceAll("/+$", "");
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }
}
