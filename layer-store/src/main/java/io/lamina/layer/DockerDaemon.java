package io.lamina.layer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether docker itself has a docker root. */
final class DockerDaemon {
  private static final Path PROCESSES = Path.of("/proc");
  private static final String USUAL_ROOT = "/var/lib/docker";
  private static final Set<String> PROGRAMS = Set.of("dockerd", "docker", "docker.io");
  private static final Set<String> ROOT_OPTIONS = Set.of("--data-root", "--graph", "-g");
  private static final Set<String> DAEMON_WORDS = Set.of("daemon", "-d", "--daemon");

  private DockerDaemon() {}

  /**
   * Refuses a root that a docker daemon has.
   *
   * @throws IOException that says which process
   */
  static void refuse(Path root) throws IOException {
    Path real = root.toRealPath();
    if (!Files.isDirectory(PROCESSES)) {
      return;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        if (has(process, real)) {
          throw new IOException(
              root + ": docker is running on it, as process " + process.getFileName());
        }
      }
    }
  }

  private static boolean has(Path process, Path root) {
    try {
      byte[] bytes = Files.readAllBytes(process.resolve("cmdline"));
      String[] words = new String(bytes, StandardCharsets.UTF_8).split("\0", -1);
      @Nullable String named = rootOf(List.of(words));
      return named != null && (isSame(process, named, root) || hasOpen(process, root));
    } catch (IOException e) {
      return false; // it has ended meanwhile
    }
  }

  /** As its own mount namespace has it: a daemon may run in a container. */
  private static boolean isSame(Path process, String named, Path root) {
    try {
      return Files.isSameFile(Path.of(process + "/root/" + named), root)
          || Path.of(named).toRealPath().equals(root);
    } catch (IOException | InvalidPathException e) {
      return false;
    }
  }

  /** Its databases are open all the time; where it is told of its root in a file, they show it. */
  private static boolean hasOpen(Path process, Path root) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path file : files) {
        if (liesIn(root, file)) {
          return true;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return false;
  }

  private static boolean liesIn(Path root, Path openFile) {
    try {
      return Files.readSymbolicLink(openFile).startsWith(root);
    } catch (IOException e) {
      return false; // closed meanwhile; the others count all the same
    }
  }

  /** The root that a command line names, or leaves to be the usual one; null for no daemon's. */
  static @Nullable String rootOf(List<String> commandLine) {
    String program = commandLine.get(0);
    String name = program.substring(program.lastIndexOf('/') + 1);
    boolean isDaemon =
        PROGRAMS.contains(name)
            && (name.equals("dockerd") || commandLine.stream().anyMatch(DAEMON_WORDS::contains));
    if (!isDaemon) {
      return null;
    }
    String used = USUAL_ROOT;
    for (int i = 1; i < commandLine.size(); i++) {
      String word = commandLine.get(i);
      int equals = word.indexOf('=');
      if (equals > 0 && ROOT_OPTIONS.contains(word.substring(0, equals))) {
        used = word.substring(equals + 1);
      } else if (ROOT_OPTIONS.contains(word) && i + 1 < commandLine.size()) {
        used = commandLine.get(i + 1);
      }
    }
    return used;
  }
}
