package io.lamina.graph;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON as Go writes it: one line or indented by four, and no spaces where none are needed. */
public final class GoJson {
  private static final String INDENT = "    ";

  private final StringBuilder out = new StringBuilder();
  private final boolean indented;
  private final boolean forHtml;

  private GoJson(boolean indented, boolean forHtml) {
    this.indented = indented;
    this.forHtml = forHtml;
  }

  /** On one line, the fields in their order. */
  public static String line(@Nullable Object value) {
    return new GoJson(false, false).write(value, 0);
  }

  /** On one line, the fields sorted, and nothing in it that HTML would take for its own. */
  public static String sortedLine(Map<String, ?> fields) {
    return new GoJson(false, true).write(new TreeMap<>(fields), 0);
  }

  /** On one line, the fields in their order, as Go writes what docker then takes a digest of. */
  public static String marshalled(@Nullable Object value) {
    return new GoJson(false, true).write(value, 0);
  }

  /** As {@link #marshalled}, in UTF-8. */
  public static byte[] bytes(Map<String, ? extends @Nullable Object> fields) {
    return marshalled(fields).getBytes(StandardCharsets.UTF_8);
  }

  /** On many lines, as {@code docker inspect}. */
  public static String indented(@Nullable Object value) {
    return new GoJson(true, false).write(value, 0);
  }

  private String write(@Nullable Object value, int depth) {
    add(value, depth);
    return out.toString();
  }

  private void add(@Nullable Object value, int depth) {
    if (value instanceof Map<?, ?> map) {
      out.append('{');
      boolean first = true;
      for (Map.Entry<?, ?> field : map.entrySet()) {
        next(first, depth + 1);
        first = false;
        text(String.valueOf(field.getKey()));
        out.append(indented ? ": " : ":");
        add(field.getValue(), depth + 1);
      }
      close(map.isEmpty(), depth, '}');
    } else if (value instanceof List<?> list) {
      out.append('[');
      for (int i = 0; i < list.size(); i++) {
        next(i == 0, depth + 1);
        add(list.get(i), depth + 1);
      }
      close(list.isEmpty(), depth, ']');
    } else if (value instanceof String text) {
      text(text);
    } else {
      out.append(value);
    }
  }

  private void next(boolean first, int depth) {
    out.append(first ? "" : ",");
    newLine(depth);
  }

  private void close(boolean empty, int depth, char bracket) {
    if (!empty) {
      newLine(depth);
    }
    out.append(bracket);
  }

  private void newLine(int depth) {
    if (indented) {
      out.append('\n').append(INDENT.repeat(depth));
    }
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          boolean isSpecial = forHtml ? isEscapedForHtml(c) : isLineEnd(c);
          if (c < ' ' || isSpecial) {
            out.append(String.format("\\u%04x", (int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** Whether Go escapes a character so that JSON can stand in HTML. */
  public static boolean isEscapedForHtml(char c) {
    return c == '<' || c == '>' || c == '&' || isLineEnd(c);
  }

  /** What JavaScript takes for the end of a line. */
  private static boolean isLineEnd(char c) {
    return c == '\u2028' || c == '\u2029';
  }
}
