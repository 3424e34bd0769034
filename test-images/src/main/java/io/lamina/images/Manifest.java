package io.lamina.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

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

  /**
   * The entries by their paths: absolute, the root being {@code /}, and in Latin-1: each character
   * is one byte of a path, whatever its encoding. Sorted by those bytes.
   */
  public SortedMap<String, ManifestEntry> entries() {
    return entries;
  }
}
