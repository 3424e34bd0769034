package io.lamina.images;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes down a tree that the host shows (a mount, a copy), as manifests do, by the host's own
 * programs: names stay bytes, whatever encoding this virtual machine runs with.
 */
public final class HostManifest {
  private static final long SEGMENTS_ABOVE_BYTES = 256 << 20;
  private static final String PROGRAMS = "find xargs stat getfattr lsattr sha256sum";

  private final Path root;

  private HostManifest(Path root) {
    this.root = root;
  }

  /** The program that is missing here to write down a tree; null where none is. */
  public static @Nullable String missingProgram() {
    for (String program : PROGRAMS.split(" ", -1)) {
      if (!HostTool.exists(program)) {
        return program;
      }
    }
    return null;
  }

  /** Writes down a whole tree. Times are read before anything in it is opened. */
  public static Manifest of(Path root) throws IOException {
    return new HostManifest(root).read();
  }

  private Manifest read() throws IOException {
    List<String> paths = new ArrayList<>();
    Map<String, String> targets = new HashMap<>();
    List<String> found =
        strings(HostTool.run(root, "", List.of("find", ".", "-printf", "%p\\0%l\\0")));
    for (int i = 0; i < found.size(); i += 2) {
      paths.add(found.get(i));
      targets.put(found.get(i), found.get(i + 1));
    }
    List<Stat> stats = stats(paths);
    Map<String, Integer> flags = flags(having(stats, "fd"));
    Map<String, SortedMap<String, byte[]>> xattrs = xattrs(paths);
    Map<String, String> hashes = hashes(having(stats, "f"));
    List<ManifestEntry> entries = new ArrayList<>();
    for (Stat stat : stats) {
      boolean isLong = stat.type == 'f' && stat.size > SEGMENTS_ABOVE_BYTES;
      entries.add(
          new ManifestEntry(
              stat.path.equals(".") ? "/" : stat.path.substring(1),
              stat.type,
              stat.permissions,
              stat.userId,
              stat.groupId,
              stat.size,
              stat.linkCount,
              stat.inodeNr,
              stat.accessTime,
              stat.modificationTime,
              stat.changeTime,
              stat.sectorCount,
              stat.type == 'c' || stat.type == 'b' ? stat.device : null,
              stat.type == 'l' ? targets.get(stat.path) : null,
              flags.get(stat.path),
              hashes.get(stat.path),
              isLong ? Segments.of(root.resolve(stat.path)) : null,
              xattrs.getOrDefault(stat.path, new TreeMap<>())));
    }
    return Manifest.of(entries);
  }

  private static List<String> having(List<Stat> stats, String types) {
    return stats.stream()
        .filter(stat -> types.indexOf(stat.type) >= 0)
        .filter(stat -> !types.equals("f") || stat.size <= SEGMENTS_ABOVE_BYTES)
        .map(stat -> stat.path)
        .toList();
  }

  private static List<String> strings(String output) {
    List<String> strings = new ArrayList<>(List.of(output.split("\0", -1)));
    strings.remove(strings.size() - 1);
    return strings;
  }

  private record Stat(
      String path,
      char type,
      int permissions,
      long userId,
      long groupId,
      long size,
      long linkCount,
      long inodeNr,
      Instant accessTime,
      Instant modificationTime,
      Instant changeTime,
      long sectorCount,
      String device) {}

  /** The letter that a manifest has for each {@code S_IFMT}, by its four bits. */
  private static final String TYPES = " pc d b f l s";

  private List<Stat> stats(List<String> paths) throws IOException {
    String format = "%f\\0%u\\0%g\\0%s\\0%h\\0%i\\0%.9X\\0%.9Y\\0%.9Z\\0%b\\0%t\\0%T\\0";
    List<String> words = strings(HostTool.run(root, paths, "stat", "--printf", format));
    if (words.size() != paths.size() * 12) {
      throw new IOException("stat told of " + words.size() / 12 + " of " + paths.size());
    }
    List<Stat> stats = new ArrayList<>();
    for (int i = 0; i < paths.size(); i++) {
      List<String> word = words.subList(i * 12, i * 12 + 12);
      int mode = Integer.parseInt(word.get(0), 16);
      stats.add(
          new Stat(
              paths.get(i),
              TYPES.charAt(mode >> 12),
              mode & 07777,
              Long.parseLong(word.get(1)),
              Long.parseLong(word.get(2)),
              Long.parseLong(word.get(3)),
              Long.parseLong(word.get(4)),
              Long.parseLong(word.get(5)),
              instant(word.get(6)),
              instant(word.get(7)),
              instant(word.get(8)),
              Long.parseLong(word.get(9)),
              Integer.parseInt(word.get(10), 16) + ":" + Integer.parseInt(word.get(11), 16)));
    }
    return stats;
  }

  private static Instant instant(String seconds) {
    BigDecimal exact = new BigDecimal(seconds);
    BigDecimal whole = exact.setScale(0, RoundingMode.FLOOR);
    return Instant.ofEpochSecond(
        whole.longValueExact(), exact.subtract(whole).movePointRight(9).longValueExact());
  }

  private Map<String, String> hashes(List<String> files) throws IOException {
    Map<String, String> hashes = new HashMap<>();
    for (String line : strings(HostTool.run(root, files, "sha256sum", "-z", "--"))) {
      hashes.put(line.substring(66), line.substring(0, 64));
    }
    return hashes;
  }

  /** As lsattr prints them; it prints one line a file, so names of two lines are left out. */
  private Map<String, Integer> flags(List<String> paths) throws IOException {
    List<String> oneLine = paths.stream().filter(path -> path.indexOf('\n') < 0).toList();
    Map<String, Integer> flags = new HashMap<>();
    for (String line : HostTool.run(root, oneLine, "lsattr", "-d").split("\n", -1)) {
      int space = line.indexOf(' ');
      if (space > 0) {
        flags.put(line.substring(space + 1), FlagLetters.parse(line.substring(0, space)));
      }
    }
    return flags;
  }

  private Map<String, SortedMap<String, byte[]>> xattrs(List<String> paths) throws IOException {
    Map<String, SortedMap<String, byte[]>> all = new HashMap<>();
    SortedMap<String, byte[]> current = new TreeMap<>();
    String dump = HostTool.run(root, paths, "getfattr", "-h", "-d", "-m", "-", "-e", "hex", "--");
    for (String line : dump.split("\n", -1)) {
      if (line.startsWith("# file: ")) {
        current = new TreeMap<>();
        all.put(asFound(unquoted(line.substring(8))), current);
      } else if (!line.isEmpty()) {
        int equals = line.indexOf('=');
        String name = unquoted(equals < 0 ? line : line.substring(0, equals));
        String hex = equals < 0 ? "" : line.substring(equals + 3);
        current.put(name, HexFormat.of().parseHex(hex));
      }
    }
    return all;
  }

  /** getfattr leaves the leading {@code ./} of a path away. */
  private static String asFound(String path) {
    return path.equals(".") || path.startsWith("./") ? path : "./" + path;
  }

  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  private static String unquoted(String text) {
    return OCTAL
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(match.group(1), 8))));
  }
}
