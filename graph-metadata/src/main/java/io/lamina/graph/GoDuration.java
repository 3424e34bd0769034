package io.lamina.graph;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A span of time as docker takes it: numbers with units, {@code 1h30m} or {@code 1.5s}. A
 * microsecond may begin with the micro sign or with the Greek letter.
 *
 * @see <a href="https://pkg.go.dev/time#ParseDuration">ParseDuration</a>
 */
final class GoDuration {
  private static final Map<String, Long> UNIT_NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "\u00b5s", 1_000L,
          "\u03bcs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private static final Pattern STEP =
      Pattern.compile(
          "([0-9]{1,18}(?:\\.[0-9]{0,18})?|\\.[0-9]{1,18})(ns|us|\u00b5s|\u03bcs|ms|s|m|h)");

  private GoDuration() {}

  /**
   * Its length in nanoseconds.
   *
   * @throws IllegalArgumentException when it is none, or longer than 292 years
   */
  static long nanos(String text) {
    Matcher steps = STEP.matcher(text);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (steps.find() && steps.start() == end) {
      BigDecimal unit = BigDecimal.valueOf(UNIT_NANOS.getOrDefault(steps.group(2), 0L));
      nanos = nanos.add(new BigDecimal(steps.group(1)).multiply(unit));
      end = steps.end();
    }
    boolean isLong = nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0;
    if (end == 0 || end < text.length() || isLong) {
      throw new IllegalArgumentException("time: invalid duration \"" + text + "\"");
    }
    return nanos.setScale(0, RoundingMode.DOWN).longValueExact();
  }
}
