package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.images.Await;
import io.lamina.thin.MetadataLock;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool that somebody else has is refused, with a line that says who. */
class PoolInUseTest {
  @TempDir Path temp;
  private Path pool = Path.of("");
  private final List<String> loops = new ArrayList<>();

  @BeforeEach
  void makePool() throws IOException {
    pool = temp.resolve("pool");
    done("pool", "create", pool.toString(), "--data-size", "64M");
  }

  @AfterEach
  void detachLoops() throws Exception {
    for (String loop : loops) {
      String unused = run("losetup", "-d", loop);
      // It is later where somebody else has just been looking at it.
      Await.until(loop + " goes", () -> !run("losetup", "-a").contains(loop + ":"));
    }
  }

  private static CommandRun done(String... command) throws IOException {
    return CommandRun.of(command).requireDone();
  }

  private void createIsRefused(String reason) throws IOException {
    CommandRun.of("volume", "create", pool.toString(), "v", "--size", "1M").requireRefused(reason);
  }

  private String loop(Path file) throws Exception {
    assumeTrue(
        "root".equals(System.getProperty("user.name"))
            && Files.exists(Path.of("/dev/loop-control")),
        "needs root and loop devices");
    String device = run("losetup", "--find", "--show", file.toString()).strip();
    loops.add(device);
    return device;
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + "\n" + output).isZero();
    return output;
  }

  @Test
  void aLoopDeviceOverItsDataOrMetadataIsNamed() throws Exception {
    String data = loop(pool.resolve("data"));
    createIsRefused("data: in use by the kernel, through " + data);
    detachLoops();
    loops.clear();
    String metadata = loop(pool.resolve("metadata"));
    createIsRefused("metadata: in use by the kernel, through " + metadata);
    CommandRun.of("pool", "repair", pool.toString(), "-o", temp.resolve("new").toString())
        .requireRefused("metadata: in use by the kernel, through " + metadata);
  }

  @Test
  void aMountOfItsDataIsNamed() throws Exception {
    Path image = temp.resolve("image");
    grow(image, 16 << 20);
    String unused = run("mkfs.ext4", "-q", image.toString());
    String device = loop(image);
    Path mount = Files.createDirectory(temp.resolve("mnt"));
    unused = run("mount", device, mount.toString());
    try {
      CommandRun.of(
              "pool",
              "create",
              "--force",
              "--metadata",
              temp.resolve("m").toString(),
              "--data",
              device)
          .requireRefused(device + ": in use by the kernel, mounted at " + mount);
    } finally {
      unused = run("umount", mount.toString());
    }
  }

  /** Whoever opens a block device with O_EXCL has it alone. */
  @Test
  void aProcessThatHasABlockDeviceIsNamed() throws Exception {
    String device = loop(pool.resolve("data"));
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/python3")), "needs python3");
    Process other =
        new ProcessBuilder(
                "/usr/bin/python3",
                "-c",
                "import os,sys; os.open('"
                    + device
                    + "', os.O_RDWR | os.O_EXCL);"
                    + " print('open', flush=True); sys.stdin.read()")
            .start();
    try {
      assertThat((char) other.getInputStream().read()).isEqualTo('o');
      CommandRun.of(
              "pool",
              "create",
              "--force",
              "--metadata",
              temp.resolve("m").toString(),
              "--data",
              device)
          .requireRefused(device + ": in use by process " + other.pid() + " (python3)");
    } finally {
      other.destroy();
      assertThat(other.waitFor(2, TimeUnit.MINUTES)).isTrue();
    }
    done(
        "pool", "create", "--force", "--metadata", temp.resolve("m2").toString(), "--data", device);
  }

  /** A process of its own: a process is not kept away by its own locks. */
  @Test
  void anotherProcessThatWritesToItIsNamed() throws Exception {
    Path metadata = pool.resolve("metadata");
    Path copy = temp.resolve("copy");
    Path out = temp.resolve("new");
    try (FileDevice held = MetadataLock.open(metadata, HolePuncher.NONE)) {
      String me = "process " + ProcessHandle.current().pid() + " (";
      assertThat(held.size()).isPositive();
      refusedElsewhere("metadata: in use by " + me, "volume", "create", pool, "v", "--size", "1M");
      refusedElsewhere("metadata: in use by " + me, "pool", "repair", pool, "-o", out);
      refusedElsewhere("metadata: in use by " + me, "pool", "check", "--fix-leaks", pool);
      refusedElsewhere(
          "metadata: in use by " + me, "pool", "create", "--force", pool, "--data-size", "1M");
      Files.writeString(copy, done("pool", "dump", pool.toString()).out());
      refusedElsewhere(
          "metadata: in use by " + me, "pool", "restore", copy, "--force", "--metadata", metadata);
    }
    assertThat(out).doesNotExist();
    done("pool", "check", pool.toString());
  }

  private void refusedElsewhere(String reason, Object... command) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
    words.add(System.getProperty("java.class.path"));
    words.add(Lamina.class.getName());
    for (Object word : command) {
      words.add(word.toString());
    }
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(3);
    assertThat(output).startsWith("lamina: ").contains(reason).hasLineCount(1);
  }

  @Test
  void dataThatAreShorterThanTheMetadataSayCanStillBeRead() throws Exception {
    Path image = Files.write(temp.resolve("image"), new byte[] {1});
    grow(image, 10 << 20);
    done("volume", "import", pool.toString(), "v", image.toString());
    try (RandomAccessFile data = new RandomAccessFile(pool.resolve("data").toFile(), "rw")) {
      data.setLength(32 << 20);
    }
    CommandRun.of("volume", "snapshot", pool.toString(), "v", "s")
        .requireRefused("data: too short: expected 1024 data blocks of 65536 bytes, found 512");
    assertThat(done("volume", "export", pool.toString(), "v", "-").bytes())
        .isEqualTo(Files.readAllBytes(image));
    try (RandomAccessFile data = new RandomAccessFile(pool.resolve("data").toFile(), "rw")) {
      data.setLength(0);
    }
    CommandRun.of("volume", "export", pool.toString(), "v", "-").requireRefused("beyond its end");
  }

  private static void grow(Path file, long bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(bytes);
    }
  }
}
