package io.lamina.cli;

import io.lamina.cli.format.Human;
import io.lamina.cli.format.Row;
import io.lamina.cli.format.RowTable;
import io.lamina.cli.format.TemplateException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** What docker's tables have in common: ages by one clock, and how they come out. */
final class DockerTable {
  /** As Go prints a moment, to the second. */
  private static final DateTimeFormatter GO_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx zzz", Locale.ROOT);

  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX", Locale.ROOT);

  private final Console console;
  private final Clock clock;

  DockerTable(Console console, Clock clock) {
    this.console = console;
    this.clock = clock;
  }

  /** How long ago something was; docker looks at whole seconds of it. */
  String ago(Instant when) {
    return agoExactly(Instant.ofEpochSecond(when.getEpochSecond()));
  }

  /** How long ago something was. */
  String agoExactly(Instant when) {
    return Human.duration(Duration.between(when, clock.instant())) + " ago";
  }

  /** A moment as Go prints it: {@code 2026-11-24 15:32:19 +0000 UTC}. */
  String goTime(Instant when) {
    return GO_TIME.format(when.atZone(zone()));
  }

  /** A moment as RFC 3339 has it. */
  String rfc3339(Instant when) {
    return RFC_3339.format(when.atZone(zone()));
  }

  private ZoneId zone() {
    return clock.getZone();
  }

  /** Writes a table. */
  void print(RootArguments root, String format, String defaultFormat, Row headings, List<Row> rows)
      throws IOException {
    try {
      new RowTable(format, defaultFormat, headings).write(rows, this::text);
    } catch (TemplateException e) {
      throw root.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Writes a piece of a text; newlines in it end lines. */
  void text(String text) throws IOException {
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      console.line(console.name(Text.latin1(text.substring(start, end))));
      start = end + 1;
    }
    console.text(console.name(Text.latin1(text.substring(start))));
  }
}
