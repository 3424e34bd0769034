package io.lamina.graph;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The instruction {@code HEALTHCHECK}, as the field of a config that it sets: {@code Test} with its
 * kind in front, spans of time in nanoseconds.
 *
 * @see <a href="https://docs.docker.com/reference/dockerfile/#healthcheck">HEALTHCHECK</a>
 */
final class HealthCheck {
  private static final Map<String, String> SPANS =
      Map.of("interval", "Interval", "timeout", "Timeout", "start-period", "StartPeriod");

  private static final Pattern FLAG = Pattern.compile("--([a-z-]+)=(\\S*)\\s*");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,8}");
  private static final long LEAST_NANOS = 1_000_000;

  private HealthCheck() {}

  /**
   * What follows the word {@code HEALTHCHECK}.
   *
   * @throws IllegalArgumentException when it is none; the message says why
   */
  static Map<String, Object> of(String text) {
    Map<String, Object> options = new LinkedHashMap<>();
    Matcher flags = FLAG.matcher(text);
    int end = 0;
    while (flags.find() && flags.start() == end) {
      putOption(options, flags.group(1), flags.group(2));
      end = flags.end();
    }
    String[] words = text.substring(end).strip().split("\\s+", 2);
    Map<String, Object> check = new LinkedHashMap<>();
    check.put("Test", test(words[0], words.length > 1 ? words[1] : ""));
    if (!words[0].equalsIgnoreCase("NONE")) {
      check.putAll(options);
    }
    return check;
  }

  private static List<String> test(String kind, String command) {
    switch (kind.toUpperCase(Locale.ROOT)) {
      case "" -> throw new IllegalArgumentException("HEALTHCHECK requires at least one argument");
      case "NONE" -> {
        if (!command.isEmpty()) {
          throw new IllegalArgumentException("HEALTHCHECK NONE takes no arguments");
        }
        return List.of("NONE");
      }
      case "CMD" -> {
        return test(command);
      }
      default ->
          throw new IllegalArgumentException(
              "Unknown type \"" + kind + "\" in HEALTHCHECK (try CMD)");
    }
  }

  /** A JSON list is run as it is, anything else by the shell. */
  private static List<String> test(String command) {
    @Nullable List<String> exec = ConfigChanges.jsonList(command);
    if (command.isEmpty() || (exec != null && exec.isEmpty())) {
      throw new IllegalArgumentException("Missing command after HEALTHCHECK CMD");
    }
    List<String> test = new ArrayList<>();
    test.add(exec != null ? "CMD" : "CMD-SHELL");
    test.addAll(exec != null ? exec : List.of(command));
    return test;
  }

  private static void putOption(Map<String, Object> options, String name, String value) {
    @Nullable String span = SPANS.get(name);
    if (span != null) {
      long nanos = GoDuration.nanos(value);
      if (nanos < LEAST_NANOS) {
        throw new IllegalArgumentException("Interval \"" + name + "\" cannot be less than 1ms");
      }
      options.put(span, nanos);
    } else if (name.equals("retries")) {
      if (!COUNT.matcher(value).matches()) {
        throw new IllegalArgumentException("--retries must be at least 1 (not " + value + ")");
      }
      options.put("Retries", Long.valueOf(value));
    } else {
      throw new IllegalArgumentException("Unknown flag: " + name);
    }
  }
}
