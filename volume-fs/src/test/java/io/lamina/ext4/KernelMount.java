package io.lamina.ext4;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An image that the kernel shows at a directory, through a loop device. */
final class KernelMount implements Closeable {
  private final Path directory;

  private KernelMount(Path directory) {
    this.directory = directory;
  }

  /** Mounts an image, which root may; prints why where this user or this kernel does not. */
  static KernelMount ifPossible(Path image, String options) throws IOException {
    if (!Tools.run(0, "", "id", "-u").trim().equals("0")) {
      System.out.println("not compared with the kernel: only root may mount");
      return null;
    }
    Path directory = Files.createTempDirectory(image.getParent(), "mount");
    try {
      String loop = "loop," + options;
      Tools.run(0, "", "mount", "-t", "ext4", "-o", loop, image.toString(), directory.toString());
    } catch (IOException e) {
      System.out.println("not compared with the kernel: " + e.getMessage().lines().toList());
      Files.delete(directory);
      return null;
    }
    return new KernelMount(directory);
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    Tools.run(0, "", "umount", directory.toString());
    Files.delete(directory);
  }
}
