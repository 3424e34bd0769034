package io.lamina.cli;

import io.lamina.control.Call;
import io.lamina.control.Caller;
import io.lamina.fs.FsException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where a command's results and complaints go. */
final class Console {
  private final OutputStream out;
  private final PrintStream err;
  private final boolean outIsTerminal;
  private final boolean errIsTerminal;
  private final InputStream in;
  private final Path directory;
  private final Pools pools;
  private final Roots roots;
  private final @Nullable Caller caller;
  private final Set<String> told = new HashSet<>();
  private boolean verbose;
  private int exitCode;

  Console(OutputStream out, PrintStream err, boolean outIsTerminal, boolean errIsTerminal) {
    this(
        out,
        err,
        outIsTerminal,
        errIsTerminal,
        System.in,
        Path.of(""),
        new HostPools(),
        new HostRoots(),
        null);
  }

  private Console(
      OutputStream out,
      PrintStream err,
      boolean outIsTerminal,
      boolean errIsTerminal,
      InputStream in,
      Path directory,
      Pools pools,
      Roots roots,
      @Nullable Caller caller) {
    this.out = out;
    this.err = err;
    this.outIsTerminal = outIsTerminal;
    this.errIsTerminal = errIsTerminal;
    this.in = in;
    this.directory = directory;
    this.pools = pools;
    this.roots = roots;
    this.caller = caller;
  }

  /** Another process's, for which this one runs a command on what it has mounted. */
  static Console ofCaller(Call call, Caller caller, Pools pools, Roots roots) {
    return new Console(
        new BufferedOutputStream(new PipeOutput(caller.out()), 1 << 16),
        new PrintStream(caller.err(), true, StandardCharsets.UTF_8),
        call.outIsTerminal(),
        call.errIsTerminal(),
        caller.in(),
        Text.hostPath(call.directory()),
        pools,
        roots,
        caller);
  }

  /** This process's own; the launcher has looked which of them are terminals. */
  static Console ofProcess() {
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    OutputStream err = new FileOutputStream(FileDescriptor.err);
    return new Console(
        new BufferedOutputStream(new PipeOutput(out), 1 << 16),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Boolean.getBoolean("lamina.stdout.terminal"),
        Boolean.getBoolean("lamina.stderr.terminal"));
  }

  /** Results, as bytes. */
  OutputStream out() {
    return out;
  }

  /** Complaints and progress. */
  PrintStream err() {
    return err;
  }

  /** What a command is given to read. */
  InputStream in() {
    return in;
  }

  /** How the command comes by a pool. */
  Pools pools() {
    return pools;
  }

  /** How the command comes by a docker root. */
  Roots roots() {
    return roots;
  }

  /** A path as it was typed, one character a byte. */
  Path path(String latin1) {
    return directory.resolve(Text.hostPath(latin1));
  }

  /** Whether another process asked for the command. */
  boolean isOfCaller() {
    return caller != null;
  }

  boolean outIsTerminal() {
    return outIsTerminal;
  }

  boolean errIsTerminal() {
    return errIsTerminal;
  }

  /** Writes a line of results, one character a byte. */
  void line(String latin1) throws IOException {
    text(latin1);
    out.write('\n');
  }

  /** Writes what belongs to a line of results. */
  void text(String latin1) throws IOException {
    out.write(latin1.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A name as it goes into a line: its own bytes, but on a terminal nothing that steers it. */
  String name(String latin1) {
    return outIsTerminal ? Text.printable(latin1) : latin1;
  }

  /** One line about something that went wrong. */
  void complain(String message) {
    String shown =
        message.codePoints().anyMatch(Character::isISOControl) ? escape(message) : message;
    err.println("lamina: " + shown);
  }

  /** Reports what went wrong, and remembers it for the exit code. */
  void failed(Throwable problem) {
    failed("", problem);
  }

  /**
   * Reports what went wrong with one of several things, and remembers it for the exit code.
   *
   * @param about what it was, where the problem's own message may not say
   */
  synchronized void failed(String about, Throwable problem) {
    String message = Problem.message(problem);
    boolean saidTwice =
        problem instanceof FsException e
            && about.endsWith(
                message.substring(0, message.length() - Problem.text(e.errno()).length() - 2));
    if (saidTwice) {
      message = Problem.text(((FsException) problem).errno());
    }
    String line = about.isEmpty() || message.startsWith(about) ? message : about + ": " + message;
    if (told.add(line)) { // a damaged record is met by each list that it should be in
      complain(line);
    }
    if (verbose) {
      problem.printStackTrace(err);
    }
    exitCode = Math.max(exitCode, Problem.exitCode(problem));
  }

  /** What {@link #failed} has made of it so far. */
  int exitCode() {
    return exitCode;
  }

  boolean verbose() {
    return verbose;
  }

  /** More logging, and stack traces. */
  void setVerbose(boolean verbose) {
    this.verbose = verbose;
    if (verbose && caller == null) {
      System.setProperty(Logging.VERBOSE, "true");
    }
  }

  private static String escape(String message) {
    StringBuilder escaped = new StringBuilder();
    message
        .codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                escaped.append(String.format("\\%03o", c));
              } else {
                escaped.appendCodePoint(c);
              }
            });
    return escaped.toString();
  }
}
