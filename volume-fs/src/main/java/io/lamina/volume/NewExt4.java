package io.lamina.volume;

import io.lamina.block.WritableDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An empty ext4 file system, made by {@code mkfs.ext4} itself on a sparse file. */
public final class NewExt4 {
  private NewExt4() {}

  /**
   * Makes one in a volume that reads as zeroes.
   *
   * @param size of the file system, in bytes
   * @param blockBytes size of the pool's data blocks: one that is all zeroes is not written
   * @throws IOException also when there is no {@code mkfs.ext4}, or it does not like the size
   */
  public static void write(WritableDevice volume, long size, int blockBytes) throws IOException {
    Path image = Files.createTempFile("lamina-", ".ext4");
    try {
      try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
        file.setLength(size);
      }
      make(image);
      new SparseImport(volume, blockBytes, copied -> {}).file(image);
    } finally {
      Files.delete(image);
    }
  }

  private static void make(Path image) throws IOException {
    Process mkfs =
        new ProcessBuilder(
                List.of(
                    program(),
                    "-q",
                    "-F",
                    "-E",
                    "lazy_itable_init=1,lazy_journal_init=1,nodiscard",
                    image.toString()))
            .redirectErrorStream(true)
            .start();
    mkfs.getOutputStream().close();
    String said = new String(mkfs.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (mkfs.waitFor() != 0) {
        throw new IOException("mkfs.ext4: " + said.lines().reduce("", NewExt4::joined));
      }
    } catch (InterruptedException e) {
      mkfs.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("mkfs.ext4: interrupted", e);
    }
  }

  private static String joined(String before, String line) {
    return before.isEmpty() || line.isBlank() ? before + line : before + " " + line;
  }

  /** On the PATH, or where those who are not root have it off theirs. */
  private static String program() throws IOException {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
    for (String directory : path.split(":", -1)) {
      Path program = Path.of(directory, "mkfs.ext4");
      if (!directory.isEmpty() && Files.isExecutable(program)) {
        return program.toString();
      }
    }
    throw new IOException("mkfs.ext4: not found: e2fsprogs has it");
  }
}
