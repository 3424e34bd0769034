package io.lamina.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/** Sets up logback without its XML, which would take longer to start than most commands run. */
public final class Logging extends ContextAwareBase implements Configurator {
  /** The system property that asks for more. */
  static final String VERBOSE = "lamina.verbose";

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean verbose = Boolean.getBoolean(VERBOSE);
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setTarget("System.err");
    appender.setEncoder(
        LogLine.encoder(context, verbose ? LogLine.Form.VERBOSE : LogLine.Form.MESSAGE));
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(verbose ? Level.DEBUG : Level.WARN);
    root.addAppender(appender);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
