package io.lamina.graph;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text of a Dockerfile in which variables stand for their values and quotes for nothing, as docker
 * reads it: {@code $NAME}, {@code ${NAME}}, {@code ${NAME:-word}}, {@code ${NAME:+word}} and {@code
 * ${NAME:?word}}; not between single quotes, nor behind a backslash.
 *
 * @see <a href="https://docs.docker.com/reference/dockerfile/#environment-replacement">environment
 *     replacement</a>
 */
final class ShellWords {
  private static final int END = -1;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*|[0-9]+");

  private final String text;
  private final List<String> environment;
  private int at;

  private ShellWords(String text, List<String> environment) {
    this.text = text;
    this.environment = environment;
  }

  /**
   * The text with all that it stands for.
   *
   * @param environment {@code NAME=VALUE} each; a name that is not there has no value
   * @throws IllegalArgumentException when a quote or a brace is not closed, or a value is asked for
   *     that must be there
   */
  static String expanded(String text, List<String> environment) {
    return new ShellWords(text, environment).upTo(END);
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : END;
  }

  private char next() {
    if (at == text.length()) {
      throw new IllegalArgumentException("unexpected end of " + text);
    }
    return text.charAt(at++);
  }

  private String upTo(int stop) {
    StringBuilder said = new StringBuilder();
    while (peek() != stop) {
      char c = next();
      switch (c) {
        case '\'' -> singleQuoted(said);
        case '"' -> doubleQuoted(said);
        case '$' -> said.append(variable());
        case '\\' -> {
          if (peek() != END) {
            said.append(next());
          }
        }
        default -> said.append(c);
      }
    }
    if (stop != END) {
      next();
    }
    return said.toString();
  }

  private void singleQuoted(StringBuilder said) {
    for (char c = next(); c != '\''; c = next()) {
      said.append(c);
    }
  }

  /** There a backslash stands for itself, but before what means something there. */
  private void doubleQuoted(StringBuilder said) {
    for (char c = next(); c != '"'; c = next()) {
      if (c == '$') {
        said.append(variable());
      } else if (c == '\\' && peek() != END && "\"$\\".indexOf(peek()) >= 0) {
        said.append(next());
      } else {
        said.append(c);
      }
    }
  }

  private String variable() {
    if (peek() != '{') {
      String name = name();
      return name.isEmpty() ? "$" : value(name);
    }
    next();
    String name = name();
    String value = value(name);
    char c = next();
    if (c == '}' && !name.isEmpty()) {
      return value;
    }
    if (c != ':' || name.isEmpty()) {
      throw new IllegalArgumentException("bad substitution in " + text);
    }
    char modifier = next();
    String word = upTo('}');
    return switch (modifier) {
      case '+' -> value.isEmpty() ? value : word;
      case '-' -> value.isEmpty() ? word : value;
      case '?' -> required(name, value, word);
      default ->
          throw new IllegalArgumentException("unsupported modifier " + modifier + " in " + text);
    };
  }

  private static String required(String name, String value, String complaint) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(name + ": " + complaint);
    }
    return value;
  }

  /** Letters, digits and underscores; all digits where the first one is. */
  private String name() {
    Matcher name = NAME.matcher(text).region(at, text.length());
    int from = at;
    at = name.lookingAt() ? name.end() : at;
    return text.substring(from, at);
  }

  private String value(String name) {
    String start = name + "=";
    return environment.stream()
        .filter(entry -> entry.startsWith(start))
        .findFirst()
        .map(entry -> entry.substring(start.length()))
        .orElse("");
  }
}
