package io.lamina.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * How one event of the log is written. In plain code: to compile logback's patterns takes longer
 * than most commands run.
 */
final class LogLine extends LayoutBase<ILoggingEvent> {
  private final Form form;

  /** For whom the line is. */
  enum Form {
    /** {@code lamina: message}, for somebody at a terminal. */
    MESSAGE,
    /** Time, level, logger, message and stack trace: what {@code -v} asks for. */
    VERBOSE,
    /** As {@link #VERBOSE}, with the process in the logger's place: several write to one file. */
    SHARED_FILE
  }

  private LogLine(Form form) {
    this.form = form;
  }

  /** What writes such lines, started. */
  static LayoutWrappingEncoder<ILoggingEvent> encoder(Context context, Form form) {
    LogLine line = new LogLine(form);
    line.setContext(context);
    line.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(line);
    encoder.start();
    return encoder;
  }

  @Override
  public String doLayout(ILoggingEvent event) {
    if (form == Form.MESSAGE) {
      return "lamina: " + event.getFormattedMessage() + System.lineSeparator();
    }
    String who =
        form == Form.VERBOSE
            ? String.format("%-5s %s:", event.getLevel(), simpleName(event.getLoggerName()))
            : String.format("[%d] %-5s", ProcessHandle.current().pid(), event.getLevel());
    String trace =
        event.getThrowableProxy() == null
            ? ""
            : ThrowableProxyUtil.asString(event.getThrowableProxy());
    return time(event)
        + " "
        + who
        + " "
        + event.getFormattedMessage()
        + System.lineSeparator()
        + trace;
  }

  private static String time(ILoggingEvent event) {
    return DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS")
        .withZone(ZoneId.systemDefault())
        .format(Instant.ofEpochMilli(event.getTimeStamp()));
  }

  private static String simpleName(String logger) {
    return logger.substring(logger.lastIndexOf('.') + 1);
  }
}
