package io.lamina.graph;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files and directories that are there as a whole or not at all, whenever the power is cut: made
 * beside their place, flushed, and renamed into it.
 */
public final class DurableFile {
  private DurableFile() {}

  /**
   * Writes a file, in place of the one that is there.
   *
   * @param permissions the low 9 bits of its mode, in octal as {@code chmod} has them: {@code
   *     rw-------}
   */
  public static void write(Path file, byte[] bytes, String permissions) throws IOException {
    Path directory = Objects.requireNonNull(file.toAbsolutePath().getParent());
    Path unfinished = directory.resolve("." + file.getFileName() + ".tmp");
    Files.deleteIfExists(unfinished);
    writeNew(unfinished, bytes, permissions);
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
  }

  /** Writes a file that is not there yet, for a directory that is not in its place yet. */
  static void writeNew(Path file, byte[] bytes, String permissions) throws IOException {
    try (FileChannel out =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            java.nio.file.attribute.PosixFilePermissions.asFileAttribute(
                java.nio.file.attribute.PosixFilePermissions.fromString(permissions)))) {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        out.write(left);
      }
      out.force(true);
    }
  }

  /** Puts a directory and what was written into it where it is to be. */
  static void moveIn(Path directory, Path place) throws IOException {
    sync(directory);
    Files.move(directory, place, StandardCopyOption.ATOMIC_MOVE);
    sync(Objects.requireNonNull(place.toAbsolutePath().getParent()));
  }

  /** Returns when the names in a directory outlive a power cut. */
  public static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Removes a directory with all that is in it, where it is there; links are not followed. */
  public static void removeTree(Path directory) throws IOException {
    if (!Files.isDirectory(directory, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      Files.deleteIfExists(directory);
      return;
    }
    List<Path> files;
    try (Stream<Path> found = Files.walk(directory)) {
      files = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }

  /** Removes a directory by renaming it away first, so that nobody ever sees half of it. */
  static void removeAtOnce(Path directory, Path rubbish) throws IOException {
    removeTree(rubbish);
    Files.move(directory, rubbish, StandardCopyOption.ATOMIC_MOVE);
    sync(Objects.requireNonNull(directory.toAbsolutePath().getParent()));
    removeTree(rubbish);
  }
}
