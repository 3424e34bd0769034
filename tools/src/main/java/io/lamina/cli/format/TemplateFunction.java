package io.lamina.cli.format;

import io.lamina.cli.format.Template.Expression;
import io.lamina.graph.GoJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The functions that a template may call. */
enum TemplateFunction {
  JSON(1, 1),
  UPPER(1, 1),
  LOWER(1, 1),
  TITLE(1, 1),
  JOIN(2, 2),
  SPLIT(2, 2),
  TRUNCATE(2, 2),
  PRINTLN(0, Integer.MAX_VALUE),
  LEN(1, 1),
  INDEX(1, Integer.MAX_VALUE),
  EQ(2, Integer.MAX_VALUE),
  NE(2, 2),
  NOT(1, 1),
  AND(1, Integer.MAX_VALUE),
  OR(1, Integer.MAX_VALUE);

  private final int minArguments;
  private final int maxArguments;

  TemplateFunction(int minArguments, int maxArguments) {
    this.minArguments = minArguments;
    this.maxArguments = maxArguments;
  }

  static Expression call(String name, List<Expression> arguments) {
    for (TemplateFunction function : values()) {
      if (function.word().equals(name)) {
        if (arguments.size() < function.minArguments || arguments.size() > function.maxArguments) {
          throw new TemplateException("wrong number of args for " + name + ": " + arguments.size());
        }
        return dot -> {
          List<@Nullable Object> values = new ArrayList<>();
          arguments.forEach(argument -> values.add(argument.value(dot)));
          return function.of(values);
        };
      }
    }
    throw new TemplateException("function \"" + name + "\" is not supported");
  }

  private String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  private @Nullable Object of(List<@Nullable Object> values) {
    Object first = values.isEmpty() ? null : values.get(0);
    return switch (this) {
      case JSON -> json(first);
      case UPPER -> text(first).toUpperCase(Locale.ROOT);
      case LOWER -> text(first).toLowerCase(Locale.ROOT);
      case TITLE -> title(text(first));
      case JOIN ->
          String.join(
              text(values.get(1)), Template.items(first).stream().map(Template::printed).toList());
      case SPLIT -> List.of(text(first).split(Pattern.quote(text(values.get(1))), -1));
      case TRUNCATE -> truncated(text(first), values.get(1));
      case PRINTLN -> String.join(" ", values.stream().map(Template::printed).toList()) + "\n";
      case LEN -> length(first);
      case INDEX -> index(values);
      case EQ -> values.stream().skip(1).anyMatch(value -> same(first, value));
      case NE -> !same(first, values.get(1));
      case NOT -> !Template.isTrue(first);
      case AND -> firstThatIs(false, values);
      case OR -> firstThatIs(true, values);
    };
  }

  /** The last one where none is. */
  private static @Nullable Object firstThatIs(boolean truth, List<@Nullable Object> values) {
    for (Object value : values) {
      if (Template.isTrue(value) == truth) {
        return value;
      }
    }
    return values.get(values.size() - 1);
  }

  private static boolean same(@Nullable Object a, @Nullable Object b) {
    return (a instanceof Number && b instanceof Number)
        ? a.toString().equals(b.toString())
        : Objects.equals(a, b);
  }

  /** A row of a table is written as Go writes such rows. */
  private static String json(@Nullable Object value) {
    return value instanceof Row row ? GoJson.sortedLine(row) : GoJson.line(value);
  }

  private String text(@Nullable Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new TemplateException(word() + " wants text, found " + Template.printed(value));
  }

  private static String title(String text) {
    StringBuilder title = new StringBuilder();
    boolean isFirst = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      title.append(isFirst ? Character.toTitleCase(c) : c);
      isFirst = !Character.isLetterOrDigit(c) && c != '_' && c != '\'';
    }
    return title.toString();
  }

  private static String truncated(String text, @Nullable Object length) {
    if (!(length instanceof Long limit)) {
      throw new TemplateException("truncate wants a number");
    }
    return text.length() <= limit ? text : text.substring(0, (int) Math.max(limit, 0));
  }

  private static int length(@Nullable Object value) {
    return value instanceof String text ? text.length() : Template.items(value).size();
  }

  private static @Nullable Object index(List<@Nullable Object> values) {
    Object at = values.get(0);
    for (Object key : values.subList(1, values.size())) {
      if (at instanceof Map<?, ?> map) {
        at = map.get(key);
      } else if (at instanceof List<?> list && key instanceof Long i && i >= 0 && i < list.size()) {
        at = list.get(i.intValue());
      } else {
        throw new TemplateException("index " + Template.printed(key) + " is out of range");
      }
    }
    return at;
  }
}
