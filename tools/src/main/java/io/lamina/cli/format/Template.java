package io.lamina.cli.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The part of Go's templates that people use with docker: fields, {@code range}, {@code if}, {@code
 * else}, pipes, and docker's functions. What it does not know it refuses, by its name, before it
 * writes anything.
 *
 * @see <a href="https://pkg.go.dev/text/template">text/template</a>
 * @see <a href="https://docs.docker.com/engine/cli/formatting/">docker's functions</a>
 */
public final class Template {
  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = parts;
  }

  /** Takes a template apart; {@code \t} and {@code \n} in it stand for a tab and a newline. */
  public static Template parse(String text) {
    String unescaped = text.replace("\\t", "\t").replace("\\n", "\n");
    return new Template(new TemplateParser(unescaped).all());
  }

  /**
   * Fills it in.
   *
   * @throws TemplateException when it asks for what is not there
   */
  public String render(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      part.render(value, out);
    }
    return out.toString();
  }

  /** A piece of it. */
  interface Part {
    void render(@Nullable Object dot, StringBuilder out);
  }

  /** Something to be worked out: a field, a literal, a call. */
  interface Expression {
    @Nullable Object value(@Nullable Object dot);
  }

  record Literal(String text) implements Part {
    @Override
    public void render(@Nullable Object dot, StringBuilder out) {
      out.append(text);
    }
  }

  record Action(Expression expression) implements Part {
    @Override
    public void render(@Nullable Object dot, StringBuilder out) {
      out.append(printed(expression.value(dot)));
    }
  }

  record If(Expression condition, List<Part> then, List<Part> otherwise) implements Part {
    @Override
    public void render(@Nullable Object dot, StringBuilder out) {
      (isTrue(condition.value(dot)) ? then : otherwise).forEach(part -> part.render(dot, out));
    }
  }

  record Range(Expression what, List<Part> each, List<Part> otherwise) implements Part {
    @Override
    public void render(@Nullable Object dot, StringBuilder out) {
      List<@Nullable Object> items = items(what.value(dot));
      for (Object item : items) {
        each.forEach(part -> part.render(item, out));
      }
      if (items.isEmpty()) {
        otherwise.forEach(part -> part.render(dot, out));
      }
    }
  }

  /** {@code .A.B}, or the dot itself. */
  record Field(List<String> names) implements Expression {
    @Override
    public @Nullable Object value(@Nullable Object dot) {
      Object at = dot;
      for (String name : names) {
        at = field(at, name);
      }
      return at;
    }

    private static @Nullable Object field(@Nullable Object of, String name) {
      if (!(of instanceof Map<?, ?> map)) {
        throw new TemplateException(
            "can't evaluate field "
                + name
                + " in "
                + (of == null ? "nothing" : "a value without fields"));
      }
      if (map.containsKey(name)) {
        return map.get(name);
      }
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (String.valueOf(entry.getKey()).equalsIgnoreCase(name)) {
          return entry.getValue(); // Go's names and JSON's differ: ID and Id
        }
      }
      throw new TemplateException(
          "no field "
              + name
              + "; there are "
              + map.keySet().stream().map(String::valueOf).toList());
    }
  }

  static List<@Nullable Object> items(@Nullable Object value) {
    if (value == null) {
      return List.of();
    } else if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    } else if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.values());
    }
    throw new TemplateException("range can't iterate over " + printed(value));
  }

  static boolean isTrue(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    } else if (value instanceof Number number) {
      return number.doubleValue() != 0;
    } else if (value instanceof String text) {
      return !text.isEmpty();
    }
    return value != null && !items(value).isEmpty();
  }

  /** As Go prints a value. */
  static String printed(@Nullable Object value) {
    if (value == null) {
      return "<no value>";
    } else if (value instanceof List<?> list) {
      return "[" + String.join(" ", list.stream().map(Template::printed).toList()) + "]";
    } else if (value instanceof Map<?, ?> map) {
      List<String> fields =
          map.entrySet().stream()
              .map(field -> field.getKey() + ":" + printed(field.getValue()))
              .sorted()
              .toList();
      return "map[" + String.join(" ", fields) + "]";
    }
    return Objects.toString(value);
  }
}
