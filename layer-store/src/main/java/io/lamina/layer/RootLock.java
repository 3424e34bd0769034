package io.lamina.layer;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Who changes a docker root has it alone. */
final class RootLock implements Closeable {
  private final FileChannel file;

  private RootLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes a root.
   *
   * @param home what Lamina keeps in it for itself
   * @throws IOException that says so, when another process has it
   */
  static RootLock take(Path root, Path home) throws IOException {
    FileChannel file =
        FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (lock(file) == null) {
      file.close();
      throw new IOException(root + ": another process is changing it");
    }
    return new RootLock(file);
  }

  private static @Nullable FileLock lock(FileChannel file) throws IOException {
    try {
      return file.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this very process has it
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
