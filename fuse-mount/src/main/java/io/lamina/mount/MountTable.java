package io.lamina.mount;

import io.lamina.fuse.FuseOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The kernel's table of this process's mounts. */
final class MountTable {
  private static final Path MOUNT_INFO = Path.of("/proc/self/mountinfo");

  private MountTable() {}

  /**
   * One mount.
   *
   * @param type of its file system: {@code fuse.lamina}
   */
  record Entry(String mountPoint, String type, String source) {
    boolean isLamina() {
      return type.equals("fuse." + FuseOptions.SUBTYPE);
    }
  }

  /** The topmost mount at a directory, if there is one. */
  static Optional<Entry> at(Path directory) throws IOException {
    String wanted = directory.toString();
    return read().stream()
        .filter(entry -> entry.mountPoint().equals(wanted))
        .reduce((lower, upper) -> upper);
  }

  static List<Entry> read() throws IOException {
    return parse(new String(Files.readAllBytes(MOUNT_INFO), StandardCharsets.UTF_8));
  }

  /**
   * Lines of mountinfo: six words, optional ones up to a dash, then type, source, options.
   *
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">mountinfo(5)</a>
   */
  static List<Entry> parse(String text) {
    List<Entry> entries = new ArrayList<>();
    for (String line : text.split("\n", -1)) {
      List<String> words = List.of(line.split(" ", -1));
      int dash = words.indexOf("-");
      if (dash >= 5 && dash + 2 < words.size()) {
        entries.add(
            new Entry(unescape(words.get(4)), words.get(dash + 1), unescape(words.get(dash + 2))));
      }
    }
    return entries;
  }

  /** Blanks, line ends and backslashes stand there as three octal digits. */
  private static String unescape(String word) {
    if (word.indexOf('\\') < 0) {
      return word;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '\\' && i + 3 < word.length() && isOctal(word, i + 1)) {
        plain.append((char) Integer.parseInt(word.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  private static boolean isOctal(String word, int at) {
    return word.substring(at, at + 3).chars().allMatch(c -> c >= '0' && c <= '7');
  }
}
