package io.lamina.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.FileTree;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Mounts a tree for a test, and takes the mount away whatever happens. */
public final class Fuse implements AutoCloseable {
  public final Path directory;
  private final FuseMount mount;

  public Fuse(FileTree tree) throws IOException {
    this(tree, FuseOptions.of("test"));
  }

  public Fuse(FileTree tree, FuseOptions options) throws IOException {
    assumeWorks();
    directory = Files.createTempDirectory("lamina-fuse-test");
    directory.toFile().setExecutable(true, false);
    directory.toFile().setReadable(true, false);
    mount = FuseMount.mount(tree, directory, options);
  }

  /** Skips the test where nothing can be mounted. */
  public static void assumeWorks() {
    assumeTrue(Files.isReadable(Path.of("/dev/fuse")), "no /dev/fuse that we may open");
    boolean found = false;
    for (String path : System.getenv("PATH").split(File.pathSeparator, -1)) {
      found |= Files.isExecutable(Path.of(path, "fusermount"));
    }
    assumeTrue(found, "no fusermount");
  }

  @Override
  public void close() throws IOException {
    mount.close();
    try {
      mount.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Files.delete(directory);
  }

  /** What a command wrote, in the mounted directory; one character a byte. */
  public String run(String... command) {
    return run(directory, command);
  }

  public static String run(Path directory, String... command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().put("LC_ALL", "C");
      builder.redirectErrorStream(true);
      Process process = builder.start();
      process.getOutputStream().close();
      byte[] said = process.getInputStream().readAllBytes();
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
      return new String(said, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
