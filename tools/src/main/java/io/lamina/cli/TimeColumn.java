package io.lamina.cli;

import io.lamina.fs.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneRules;

/** Times as {@code ls -l} writes them: the hour in the last half year, else the year. */
final class TimeColumn {
  private static final long HALF_YEAR_SECONDS = 31_556_952L / 2;
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  private final long now;
  private final ZoneRules zone;

  TimeColumn() {
    this(System.currentTimeMillis() / 1000, ZoneId.systemDefault());
  }

  TimeColumn(long now, ZoneId zone) {
    this.now = now;
    this.zone = zone.getRules();
  }

  String of(Timestamp time) {
    ZoneOffset offset = zone.getOffset(Instant.ofEpochSecond(time.seconds()));
    LocalDateTime local = LocalDateTime.ofEpochSecond(time.seconds(), 0, offset);
    int month = 3 * (local.getMonthValue() - 1);
    StringBuilder text = new StringBuilder(12);
    text.append(MONTHS, month, month + 3).append(' ');
    two(text, local.getDayOfMonth(), ' ').append(' ');
    boolean recent = time.seconds() > now - HALF_YEAR_SECONDS && time.seconds() <= now;
    if (recent) {
      two(text, local.getHour(), '0').append(':');
      return two(text, local.getMinute(), '0').toString();
    }
    return text.append(' ').append(local.getYear()).toString();
  }

  private static StringBuilder two(StringBuilder text, int number, char pad) {
    return number < 10 ? text.append(pad).append(number) : text.append(number);
  }
}
