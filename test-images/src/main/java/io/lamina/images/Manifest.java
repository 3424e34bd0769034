package io.lamina.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/** Every file of a tree, as the kernel showed it: one JSON object a line. */
public final class Manifest {
  private final SortedMap<String, ManifestEntry> entries;

  private Manifest(SortedMap<String, ManifestEntry> entries) {
    this.entries = Collections.unmodifiableSortedMap(entries);
  }

  /** Reads a {@code *.manifest.jsonl}. */
  public static Manifest read(Path file) throws IOException {
    ObjectMapper json = new ObjectMapper();
    SortedMap<String, ManifestEntry> entries = new TreeMap<>();
    try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode node = json.readTree(line);
        ManifestEntry entry = ManifestEntry.of(node);
        entries.put(entry.path(), entry);
      }
    }
    return new Manifest(entries);
  }

  /** A manifest of what someone else saw, to be compared. */
  public static Manifest of(Collection<ManifestEntry> seen) {
    SortedMap<String, ManifestEntry> entries = new TreeMap<>();
    for (ManifestEntry entry : seen) {
      if (entries.put(entry.path(), entry) != null) {
        throw new IllegalArgumentException("listed twice: " + entry.path());
      }
    }
    return new Manifest(entries);
  }

  /**
   * Compares this, the truth, with what someone saw. Paths that only one of them has are
   * differences too.
   *
   * @param compared which fields of an entry of the truth to look at
   * @return a line for each field of each path that differs
   */
  public List<String> differences(
      Manifest actual, BiPredicate<ManifestEntry, ManifestField> compared) {
    List<String> differences = new ArrayList<>();
    for (ManifestEntry expected : entries.values()) {
      ManifestEntry seen = actual.entries.get(expected.path());
      if (seen == null) {
        differences.add(printable(expected.path()) + ": missing");
        continue;
      }
      for (ManifestField field : ManifestField.values()) {
        if (compared.test(expected, field) && !field.agrees(expected, seen)) {
          differences.add(difference(field, expected, seen));
        }
      }
    }
    for (String path : actual.entries.keySet()) {
      if (!entries.containsKey(path)) {
        differences.add(printable(path) + ": not in the truth");
      }
    }
    return differences;
  }

  /** Compares all fields. */
  public List<String> differences(Manifest actual) {
    return differences(actual, (entry, field) -> true);
  }

  private static String difference(
      ManifestField field, ManifestEntry expected, ManifestEntry actual) {
    return printable(expected.path())
        + ": "
        + field
        + ": expected "
        + field.of(expected)
        + ", found "
        + field.of(actual);
  }

  /**
   * The entries by their paths: absolute, the root being {@code /}, and in Latin-1: each character
   * is one byte of a path, whatever its encoding. Sorted by those bytes.
   */
  public SortedMap<String, ManifestEntry> entries() {
    return entries;
  }

  /** A path for people, and of one line: what is not ASCII in octal. */
  private static String printable(String path) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c >= ' ' && c < 0x7f) {
        text.append(c);
      } else {
        text.append(String.format("\\%03o", (int) c));
      }
    }
    return text.toString();
  }
}
