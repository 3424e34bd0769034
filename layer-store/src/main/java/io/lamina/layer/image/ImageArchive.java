package io.lamina.layer.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opens an archive of images, wherever it comes from, so that its files are found by name. */
public final class ImageArchive {
  private ImageArchive() {}

  /**
   * Opens a file or a directory. One that is compressed is first written out without that.
   *
   * @param scratch a directory with room for the whole archive
   */
  public static ArchiveFiles open(Path path, Path scratch) throws IOException {
    if (Files.isDirectory(path)) {
      return new DirectoryFiles(path);
    }
    if (Files.isRegularFile(path)) {
      FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
      if (!isCompressed(file)) {
        return tar(file);
      }
      file.close();
    }
    try (InputStream in = Files.newInputStream(path)) {
      return open(in, scratch);
    }
  }

  private static boolean isCompressed(FileChannel file) throws IOException {
    InputStream start = new SectionInput(file, 0, file.size());
    return Decompression.isCompressed(start.readNBytes(Decompression.magicLength()));
  }

  /**
   * Takes an archive out of a stream. Docker lists its images at the archive's end, so all of it is
   * kept in a file without a name until this is closed.
   *
   * @param scratch a directory with room for the whole archive
   */
  public static ArchiveFiles open(InputStream in, Path scratch) throws IOException {
    Path file = Files.createTempFile(scratch, "archive-", ".tar");
    FileChannel kept;
    try {
      try (OutputStream out = Files.newOutputStream(file)) {
        Decompression.of(in).transferTo(out);
      }
      kept = FileChannel.open(file, StandardOpenOption.READ);
    } finally {
      Files.delete(file);
    }
    return tar(kept);
  }

  private static ArchiveFiles tar(FileChannel file) throws IOException {
    try {
      return new TarFiles(file);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }
}
