package io.lamina.cli;

import io.lamina.cli.PipeOutput.OutputException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Where an archive goes: to standard output, or into a file that is there only once it is whole.
 */
final class ArchiveTarget {
  private static final int BUFFER_BYTES = 1 << 16;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Write to a file instead of standard output. One that is there already is replaced when"
              + " the archive is whole. Only its owner may read it.")
  private @Nullable String name;

  /** Writes an archive. */
  @FunctionalInterface
  interface Work {
    /** Writes all of it, and closes the stream or not. */
    void writeTo(OutputStream out) throws IOException;
  }

  /** To be asked before anything is opened. */
  void requireNoTerminal(Console console) {
    if (name == null && console.outIsTerminal()) {
      throw new ParameterException(
          Objects.requireNonNull(command).commandLine(),
          "cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
  }

  void write(Console console, Work work) throws IOException {
    if (name == null) {
      work.writeTo(console.out());
      return;
    }
    Path file = console.path(name);
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      write(file, work); // /dev/null, or a named pipe; a directory fails here
    } else {
      replace(Files.exists(file) ? file.toRealPath() : file.toAbsolutePath(), work);
    }
  }

  /** What fails on the way leaves the file as it was. */
  private static void replace(Path target, Work work) throws IOException {
    Path unfinished = unfinished(Objects.requireNonNull(target.getParent()));
    try {
      write(unfinished, work);
      try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
        written.force(true);
        Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw failed(e);
      }
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static Path unfinished(Path directory) throws IOException {
    try {
      Path path = Files.createTempFile(directory, ".lamina-", ".tmp");
      path.toFile().deleteOnExit(); // Ctrl-C leaves none either
      return path;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static void write(Path path, Work work) throws IOException {
    OutputStream opened;
    try {
      opened = Files.newOutputStream(path, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed(e);
    }
    try (opened;
        OutputStream out = new BufferedOutputStream(new PipeOutput(opened), BUFFER_BYTES)) {
      work.writeTo(out);
    }
  }

  private static OutputException failed(IOException cause) {
    return new OutputException(new IOException(Problem.message(cause), cause));
  }
}
