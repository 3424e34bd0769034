package io.lamina.cli.format;

import java.util.regex.Pattern;

/**
 * A pattern for names with slashes, as Go's {@code path.Match} has it: {@code *} and {@code ?}
 * stand for no slash, {@code [a-z]} and {@code [^a-z]} for one character, {@code \} takes the next
 * one as it is.
 *
 * @see <a href="https://pkg.go.dev/path#Match">path.Match</a>
 */
public final class PathPattern {
  private final String pattern;
  private final StringBuilder regex = new StringBuilder();
  private int at;

  private PathPattern(String pattern) {
    this.pattern = pattern;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException when it breaks the form; the message is Go's
   */
  public static Pattern compile(String pattern) {
    PathPattern compiled = new PathPattern(pattern);
    while (compiled.at < pattern.length()) {
      compiled.next();
    }
    return Pattern.compile(compiled.regex.toString(), Pattern.DOTALL);
  }

  private void next() {
    char c = pattern.charAt(at++);
    switch (c) {
      case '*' -> regex.append("[^/]*");
      case '?' -> regex.append("[^/]");
      case '[' -> characters();
      case '\\' -> regex.append(Pattern.quote(String.valueOf(character())));
      default -> regex.append(Pattern.quote(String.valueOf(c)));
    }
  }

  private void characters() {
    boolean isNegated = at < pattern.length() && pattern.charAt(at) == '^';
    at += isNegated ? 1 : 0;
    StringBuilder ranges = new StringBuilder();
    do {
      char low = rangeEnd();
      char high = low;
      if (at < pattern.length() && pattern.charAt(at) == '-') {
        at++;
        high = rangeEnd();
      }
      if (high >= low) {
        ranges.append(String.format("\\u%04x-\\u%04x", (int) low, (int) high));
      }
      if (at == pattern.length()) {
        throw broken();
      }
    } while (pattern.charAt(at) != ']');
    at++;
    if (ranges.isEmpty()) {
      regex.append(isNegated ? "[^/]" : "(?!)");
    } else {
      regex.append("(?!/)[").append(isNegated ? "^" : "").append(ranges).append(']');
    }
  }

  private char rangeEnd() {
    char c = character();
    if (c == '-' || c == ']') {
      throw broken();
    }
    return c == '\\' ? character() : c;
  }

  private char character() {
    if (at == pattern.length()) {
      throw broken();
    }
    return pattern.charAt(at++);
  }

  private static IllegalArgumentException broken() {
    return new IllegalArgumentException("syntax error in pattern");
  }
}
