package io.lamina.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the metadata of a source are: commands that need no data take the file itself, too. */
final class MetadataFile {
  private MetadataFile() {}

  /** The file {@code metadata} of a pool's directory, or the file. */
  static Path of(Path source) throws IOException {
    if (!Files.isDirectory(source)) {
      return source;
    }
    Path metadata = source.resolve("metadata");
    if (!Files.exists(metadata)) {
      throw new IOException(source + ": is no pool: has no file metadata");
    }
    return metadata;
  }
}
