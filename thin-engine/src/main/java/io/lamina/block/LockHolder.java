package io.lamina.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Who has a file locked, as far as the host tells. */
final class LockHolder {
  private static final Path LOCKS = Path.of("/proc/locks");
  private static final int PID = 4;
  private static final int FILE = 5;

  private LockHolder() {}

  /**
   * The process that has a lock on a file.
   *
   * @return {@code process 12 (java)}, or {@code another process} where that is not to be found out
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_locks.5.html">proc_locks(5)</a>
   */
  static String of(Path file) {
    try {
      long inodeNr = ((Number) Files.getAttribute(file, "unix:ino")).longValue();
      List<String> lines = Files.readAllLines(LOCKS);
      for (String line : lines) {
        String[] words = line.trim().split(" +", -1);
        if (words.length > FILE && words[FILE].endsWith(":" + inodeNr)) {
          return describe(words[PID]);
        }
      }
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return "another process"; // a host that does not tell
    }
    return "another process";
  }

  private static String describe(String pid) {
    try {
      return "process "
          + pid
          + " ("
          + Files.readString(Path.of("/proc", pid, "comm")).strip()
          + ")";
    } catch (IOException e) {
      return "process " + pid; // of another user, or it has just ended
    }
  }
}
