package io.lamina.cli;

import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * A mount of a source for the archive of classes, where this machine lets one mount: what is loaded
 * for it, and what the JVM writes for lambdas, is there at every later start.
 */
final class MountTraining {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int POLL_MILLIS = 10;
  private static final int FILE_BYTES = 8192;

  private final Path mountPoint;
  private final Command command;

  /** Runs a command of Lamina's in this process. */
  interface Command {
    void run(String... words);
  }

  MountTraining(Path mountPoint, Command command) {
    this.mountPoint = mountPoint;
    this.command = command;
  }

  /**
   * Mounts, changes what is in a directory, looks at it, and unmounts.
   *
   * @param source what to mount, with its options
   * @param directory to be changed, below the mount point
   */
  void run(String directory, String... source) throws IOException {
    Files.createDirectories(mountPoint);
    // Whatever becomes of it, the training ends.
    Thread serving = DaemonThreads.thread("mount", () -> command.run(words(source)));
    serving.start();
    try {
      if (isMounted(serving)) {
        use(mountPoint.resolve(directory));
      }
    } finally {
      if (serving.isAlive()) {
        command.run("umount", mountPoint.toString());
      }
      join(serving);
    }
  }

  private String[] words(String... source) {
    return Stream.of(
            Stream.of("mount", "--foreground"), Stream.of(source), Stream.of("" + mountPoint))
        .flatMap(part -> part)
        .toArray(String[]::new);
  }

  /** Once it is; not where nobody may mount. */
  private boolean isMounted(Thread serving) {
    for (int waited = 0; waited < PATIENCE_MILLIS && serving.isAlive(); waited += POLL_MILLIS) {
      if (Files.exists(mountPoint.resolve("status"))) {
        return true;
      }
      pause(serving);
    }
    return false;
  }

  private static void pause(Thread serving) {
    try {
      serving.join(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread serving) {
    try {
      serving.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void use(Path directory) throws IOException {
    Path file = directory.resolve("mounted");
    Files.write(file, new byte[FILE_BYTES]);
    try (FileChannel open = FileChannel.open(file, StandardOpenOption.WRITE)) {
      open.write(ByteBuffer.allocate(1), FILE_BYTES / 2);
      open.force(false);
    }
    Files.readAllBytes(file);
    Files.createDirectories(directory.resolve("made/below"));
    try (Stream<Path> found = Files.walk(directory)) {
      found.forEach(path -> Files.isSymbolicLink(path));
    }
    Files.delete(directory.resolve("made/below"));
    Files.delete(directory.resolve("made"));
    Files.delete(file);
  }
}
