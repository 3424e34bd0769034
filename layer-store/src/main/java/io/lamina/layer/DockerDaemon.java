package io.lamina.layer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

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
    String real = root.toRealPath().toString();
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

  private static boolean has(Path process, String root) {
    try {
      byte[] bytes = Files.readAllBytes(process.resolve("cmdline"));
      return isDaemonOf(root, List.of(new String(bytes, StandardCharsets.UTF_8).split("\0", -1)));
    } catch (IOException e) {
      return false; // it has ended meanwhile
    }
  }

  /** Whether a command line is that of a daemon with this root. */
  static boolean isDaemonOf(String root, List<String> commandLine) {
    String program = commandLine.get(0);
    String name = program.substring(program.lastIndexOf('/') + 1);
    boolean isDaemon =
        PROGRAMS.contains(name)
            && (name.equals("dockerd") || commandLine.stream().anyMatch(DAEMON_WORDS::contains));
    if (!isDaemon) {
      return false;
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
    return real(used).equals(root);
  }

  private static String real(String path) {
    try {
      return Path.of(path).toRealPath().toString();
    } catch (IOException | java.nio.file.InvalidPathException e) {
      return path;
    }
  }
}
