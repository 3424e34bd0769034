package io.lamina.thin;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether the kernel has a file or a block device in use. */
public final class KernelUse {
  private static final Path BLOCK_DEVICES = Path.of("/sys/class/block");

  private KernelUse() {}

  /**
   * Refuses what a loop device stands on, and a block device that another device stands on or that
   * is mounted.
   *
   * @throws IOException that says who has it
   */
  public static void refuse(Path path) throws IOException {
    if (!Files.exists(path) || !Files.isDirectory(BLOCK_DEVICES)) {
      return;
    }
    Path real = path.toRealPath();
    try (DirectoryStream<Path> devices = Files.newDirectoryStream(BLOCK_DEVICES)) {
      for (Path device : devices) {
        Path backing = device.resolve("loop/backing_file");
        if (Files.isReadable(backing) && read(backing).equals(real.toString())) {
          throw new IOException(
              path + ": in use by the kernel, through /dev/" + device.getFileName());
        }
      }
    }
    Path holders = BLOCK_DEVICES.resolve(real.getFileName().toString()).resolve("holders");
    if (real.startsWith("/dev") && Files.isDirectory(holders)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(holders)) {
        for (Path holder : found) {
          throw new IOException(
              path + ": in use by the kernel, through /dev/" + holder.getFileName());
        }
      }
      refuseMounted(path, real);
    }
  }

  private static void refuseMounted(Path path, Path real) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts"))) {
      String[] words = line.split(" ", 3);
      if (words[0].equals(real.toString())) {
        throw new IOException(path + ": in use by the kernel, mounted at " + words[1]);
      }
    }
  }

  private static String read(Path file) throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (java.nio.file.NoSuchFileException e) {
      return ""; // the loop device went away just now
    }
  }
}
