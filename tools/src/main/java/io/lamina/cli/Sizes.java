package io.lamina.cli;

import java.util.Locale;

/** Numbers of bytes for people. */
final class Sizes {
  private static final String UNITS = "KMGTPE";

  private Sizes() {}

  /** In the largest unit of which there is at least one: {@code 1.5 GiB}. */
  static String of(long byteCount) {
    if (byteCount >= 0 && byteCount < 1024) {
      return byteCount + " B";
    }
    double value = byteCount / 1024.0;
    int unit = 0;
    while (value >= 1024 && unit < UNITS.length() - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %ciB", value, UNITS.charAt(unit));
  }
}
