package io.lamina.cli.format;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;

/**
 * Sizes and ages in docker's words.
 *
 * @see <a href="https://github.com/docker/go-units/blob/v0.4.0/size.go">sizes</a>
 * @see <a href="https://github.com/docker/go-units/blob/v0.4.0/duration.go">ages</a>
 */
public final class Human {
  private static final List<String> UNITS =
      List.of("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB");
  private static final int SIGNIFICANT_DIGITS = 3;

  private static final int DAY_HOURS = 24;
  private static final int WEEK_HOURS = 7 * DAY_HOURS;
  private static final int MONTH_HOURS = 30 * DAY_HOURS;
  private static final int YEAR_HOURS = 365 * DAY_HOURS;

  /** Go counts no further: it is the age of what says of no moment that it was made then. */
  private static final int MAX_YEARS = 292;

  private Human() {}

  /** A size in powers of 1000 with three significant digits: {@code 6.18MB}. */
  public static String size(long byteCount) {
    double value = byteCount;
    int unit = 0;
    while (value >= 1000 && unit < UNITS.size() - 1) {
      value /= 1000;
      unit++;
    }
    return digits(value) + UNITS.get(unit);
  }

  /** As C's and Go's {@code %.3g}. */
  private static String digits(double value) {
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(SIGNIFICANT_DIGITS, RoundingMode.HALF_EVEN));
    if (rounded.signum() == 0) {
      return "0";
    }
    BigDecimal shortest = rounded.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent < SIGNIFICANT_DIGITS) {
      return shortest.toPlainString();
    }
    return shortest.movePointLeft(exponent).stripTrailingZeros().toPlainString()
        + String.format("e+%02d", exponent);
  }

  /** An age, roughly: {@code About an hour}. */
  public static String duration(Duration age) {
    long seconds = age.toMillis() / 1000;
    if (seconds < 1) {
      return "Less than a second";
    } else if (seconds == 1) {
      return "1 second";
    } else if (seconds < 60) {
      return seconds + " seconds";
    }
    long minutes = age.toMinutes();
    if (minutes == 1) {
      return "About a minute";
    } else if (minutes < 60) {
      return minutes + " minutes";
    }
    return hours(age, Math.round(age.toMillis() / 3_600_000.0));
  }

  private static String hours(Duration age, long hours) {
    if (hours == 1) {
      return "About an hour";
    } else if (hours < 2 * DAY_HOURS) {
      return hours + " hours";
    } else if (hours < 2 * WEEK_HOURS) {
      return hours / DAY_HOURS + " days";
    } else if (hours < 2 * MONTH_HOURS) {
      return hours / WEEK_HOURS + " weeks";
    } else if (hours < 2 * YEAR_HOURS) {
      return hours / MONTH_HOURS + " months";
    }
    return Math.min(age.toHours() / YEAR_HOURS, MAX_YEARS) + " years";
  }

  /** Cuts off what is wider, with an ellipsis for the last character kept. */
  public static String ellipsis(String text, int width) {
    if (text.codePointCount(0, text.length()) <= width) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + "\u2026";
  }

  /** In double quotes, with Go's escapes for what cannot be seen. */
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case 7 -> quoted.append("\\a");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                case 11 -> quoted.append("\\v");
                default -> {
                  if (c < ' ' || c == 0x7f) {
                    quoted.append(String.format("\\x%02x", c));
                  } else if (Character.isISOControl(c) || !Character.isDefined(c)) {
                    quoted.append(String.format(c > 0xffff ? "\\U%08x" : "\\u%04x", c));
                  } else {
                    quoted.appendCodePoint(c);
                  }
                }
              }
            });
    return quoted.append('"').toString();
  }
}
