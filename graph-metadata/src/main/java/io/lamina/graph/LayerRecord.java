package io.lamina.graph;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A layer of an image.
 *
 * @param id the image that it was made with, or since docker 1.10 its chain id: the digest of it
 *     and of all below it
 * @param diffId digest of its tar; null before docker 1.10
 * @param driverId what the storage driver calls it: before docker 1.10 the image's id, since then
 *     its {@code cache-id}
 * @param parent the layer below; null for the lowest
 * @param size bytes of its files, as docker counted them
 * @param directory where its record lies
 */
public record LayerRecord(
    Id id, @Nullable Id diffId, String driverId, @Nullable Id parent, long size, Path directory) {
  /**
   * What docker kept of its tar so that the same bytes can be put together again; docker has it
   * since 1.8.
   */
  public Optional<Path> tarSplit() {
    for (String name : new String[] {"tar-split.json.gz", "tar-data.json.gz"}) {
      Path file = directory.resolve(name);
      if (Files.isRegularFile(file)) {
        return Optional.of(file);
      }
    }
    return Optional.empty();
  }
}
