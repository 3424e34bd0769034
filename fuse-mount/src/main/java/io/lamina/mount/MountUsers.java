package io.lamina.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Who keeps a mount busy, as far as this user may see. */
final class MountUsers {
  private static final int MOST_NAMED = 5;
  private static final Path PROC = Path.of("/proc");

  private MountUsers() {}

  /** Processes with a file open there, or standing there: {@code bash (1234)}. */
  static List<String> of(Path directory) {
    List<String> users = new ArrayList<>();
    ProcessHandle.allProcesses()
        .filter(process -> uses(PROC.resolve(Long.toString(process.pid())), directory))
        .limit(MOST_NAMED)
        .forEach(process -> users.add(name(process.pid()) + " (" + process.pid() + ")"));
    return users;
  }

  private static boolean uses(Path process, Path directory) {
    if (leadsInto(process.resolve("cwd"), directory)
        || leadsInto(process.resolve("root"), directory)) {
      return true;
    }
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      return open.anyMatch(fd -> leadsInto(fd, directory));
    } catch (IOException e) {
      return false; // Another user's, or gone.
    }
  }

  /** The link is read, not followed: that would ask the mount itself. */
  private static boolean leadsInto(Path link, Path directory) {
    try {
      return Files.readSymbolicLink(link).startsWith(directory);
    } catch (IOException e) {
      return false;
    }
  }

  private static String name(long processId) {
    try {
      return Files.readString(PROC.resolve(Long.toString(processId)).resolve("comm")).strip();
    } catch (IOException e) {
      return "process";
    }
  }
}
