package io.lamina.layer.image;

import io.lamina.layer.archive.ArchiveException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** The files of an image archive by their names, {@code blobs/sha256/...}. */
public abstract class ArchiveFiles implements Closeable {
  /** Longer than any record of an image: registries take 4 MiB. */
  private static final int MAX_RECORD_BYTES = 8 << 20;

  /**
   * A file.
   *
   * @param name links in it are followed, within the archive
   * @return none where there is no file of that name
   */
  abstract Optional<ArchiveFile> find(String name) throws IOException;

  /** The names of the directories that lie in no other, sorted. */
  abstract List<String> directories() throws IOException;

  /** Whether there is a file of that name. */
  final boolean has(String name) throws IOException {
    return find(name).isPresent();
  }

  /**
   * A file that has to be there.
   *
   * @param about what it is, for the message
   */
  final ArchiveFile get(String name, String about) throws IOException {
    return find(name)
        .orElseThrow(() -> new ArchiveException(about + ": " + name + " is not in the archive"));
  }

  /** The content of a file that is a record, and has to be there. */
  final byte[] record(String name, String about) throws IOException {
    ArchiveFile file = get(name, about);
    if (file.size() > MAX_RECORD_BYTES) {
      throw new ArchiveException(
          about + ": " + name + ": too long for a record: " + file.size() + " bytes");
    }
    try (InputStream in = file.open()) {
      return in.readNBytes(MAX_RECORD_BYTES);
    }
  }
}
