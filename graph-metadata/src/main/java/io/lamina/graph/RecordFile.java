package io.lamina.graph;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;

/** The small files in which docker keeps its records. */
final class RecordFile {
  /**
   * Above what any registry lets an image's record be; a tag store of 100,000 tags fits. A record
   * with one long text takes five times its bytes while it is read, and has room in the memory that
   * commands have.
   */
  private static final int MAX_BYTES = 16 << 20;

  private RecordFile() {}

  /**
   * The whole content.
   *
   * @throws IOException when there is none, it is no regular file, or longer than any record
   */
  static byte[] bytes(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new NoSuchFileException(file.toString(), null, "No such file or directory");
      }
      throw new IOException(file + ": is no regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new IOException(
            file
                + ": too long for a record: expected up to "
                + MAX_BYTES
                + " bytes, found "
                + Files.size(file));
      }
      return bytes;
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(file.toString(), null, "Permission denied");
    }
  }

  /** The content as one line of text. */
  static String line(Path file) throws IOException {
    return new String(bytes(file), StandardCharsets.UTF_8).strip();
  }

  /**
   * The content as a number of bytes.
   *
   * @throws IOException also when it is none
   */
  static long number(Path file) throws IOException {
    String line = line(file);
    try {
      return Long.parseLong(line);
    } catch (NumberFormatException e) {
      String found = line.length() > 40 ? line.substring(0, 40) + "..." : line;
      throw new IOException(file + ": expected a number, found '" + found + "'", e);
    }
  }

  /** The names in a directory that pass, sorted; none where there is no such directory. */
  static List<String> names(Path directory, Predicate<String> wanted) throws IOException {
    List<String> names = new ArrayList<>();
    if (!Files.isDirectory(directory)) {
      return names;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (wanted.test(name)) {
          names.add(name);
        }
      }
    }
    Collections.sort(names);
    return names;
  }
}
