package io.lamina.cli;

import io.lamina.mount.Mount;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** The {@code lamina} command. */
@Command(
    name = "lamina",
    mixinStandardHelpOptions = true,
    versionProvider = Lamina.Version.class,
    description = "Opens Linux thin pools as ordinary directories, without device-mapper or root.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:something was found, or some of the files could not be had",
      "2:wrong usage",
      "3:damaged, not supported, or could not be read"
    },
    footer = {
      "",
      "Example:",
      "  lamina volume ls /srv/pool",
      "  lamina mount /srv/pool /mnt/pool",
      "  lamina cp -a /srv/pool:3/etc /tmp/etc"
    })
public final class Lamina implements Runnable {
  private final Console console;

  @Spec private @Nullable CommandSpec spec;

  private Lamina(Console console) {
    this.console = console;
  }

  /** Runs the command and ends the process. */
  public static void main(String[] args) {
    if (Arrays.asList(args).contains("mount") || Arrays.asList(args).contains("union")) {
      Mount.prepare();
    }
    System.exit(run(Console.ofProcess(), RawArguments.of(args)));
  }

  /**
   * Runs the command.
   *
   * @param args its arguments, one character a byte
   * @return its exit code
   */
  static int run(Console console, String... args) {
    try {
      int exitCode = commandLine(console, args).execute(args);
      console.out().flush();
      return exitCode;
    } catch (IOException e) {
      return handle(console, e);
    } catch (OutOfMemoryError e) {
      return handle(console, new IOException("needs more memory than it may take: " + e, e));
    }
  }

  private static CommandLine commandLine(Console console, String... arguments) {
    CommandLine top = new CommandLine(new Lamina(console));
    Commands.addTo(top, console, arguments);
    top.setExpandAtFiles(false);
    top.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    top.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    Callbacks callbacks = new Callbacks(console, arguments);
    top.registerConverter(Path.class, callbacks);
    top.setExecutionStrategy(callbacks);
    top.setExecutionExceptionHandler(callbacks);
    top.setParameterExceptionHandler(callbacks);
    return top;
  }

  /**
   * What picocli calls. No lambdas: the archive of classes takes none that implement interfaces of
   * so old a class file, nor then the interfaces, nor whatever else implements them.
   */
  private static final class Callbacks
      implements ITypeConverter<Path>,
          IExecutionStrategy,
          IExecutionExceptionHandler,
          IParameterExceptionHandler {
    private final Console console;
    private final String[] arguments;

    Callbacks(Console console, String... arguments) {
      this.console = console;
      this.arguments = arguments;
    }

    @Override
    public Path convert(String value) {
      return console.path(value);
    }

    @Override
    public int execute(ParseResult parsed) {
      return Lamina.execute(console, parsed, arguments);
    }

    @Override
    public int handleExecutionException(
        Exception problem, CommandLine command, ParseResult parsed) {
      return problem instanceof TypeConversionException
          ? wrongUsage(console, new ParameterException(command, problem.getMessage()))
          : handle(console, problem);
    }

    @Override
    public int handleParseException(ParameterException problem, String[] args) {
      return wrongUsage(console, problem);
    }
  }

  /** Here, or in the process that has the command's pool mounted. */
  private static int execute(Console console, ParseResult parsed, String... arguments) {
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    boolean isHelp = last.isUsageHelpRequested() || last.isVersionHelpRequested();
    Object command = last.commandSpec().userObject();
    if (!isHelp && command instanceof OnPool onPool && !console.isOfCaller()) {
      OptionalInt exitCode = OptionalInt.empty();
      try {
        exitCode = MountedCommands.ask(onPool, console, List.of(arguments));
      } catch (IOException e) {
        throw new ExecutionException(last.commandSpec().commandLine(), Problem.message(e), e);
      }
      if (exitCode.isPresent()) {
        return exitCode.getAsInt();
      }
    }
    if (command instanceof OnRoot onRoot) {
      console.roots().mounted().ifPresent(onRoot.root()::setDefault);
    }
    if (!isHelp && console.isOfCaller() && !(command instanceof OnPool)) {
      throw new ParameterException(
          last.commandSpec().commandLine(), "is not for the process of a mount to run");
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log more, and show where an error came from.")
  void setVerbose(boolean verbose) {
    console.setVerbose(verbose);
  }

  @Override
  public void run() {
    throw new ParameterException(
        Objects.requireNonNull(spec).commandLine(), "a command is missing");
  }

  private static int handle(Console console, Throwable problem) {
    int exitCode = Problem.exitCode(problem);
    if (exitCode != PipeOutput.OutputException.CLOSED_PIPE) {
      console.failed(problem);
    }
    return exitCode;
  }

  private static int wrongUsage(Console console, ParameterException problem) {
    String command = problem.getCommandLine().getCommandSpec().qualifiedName();
    console.complain(Text.display(String.valueOf(problem.getMessage())));
    console.err().println("Try '" + command + " --help'.");
    return Problem.USAGE;
  }

  /** The version that the jar's manifest names. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Lamina.class.getPackage().getImplementationVersion();
      return new String[] {"lamina " + (version == null ? "(not packaged)" : version)};
    }
  }
}
