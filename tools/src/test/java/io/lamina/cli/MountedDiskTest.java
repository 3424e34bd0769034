package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A volume of a mounted pool as the kernel's own disk, with the commands beside it. */
class MountedDiskTest {
  private static final Pattern MAPPED = Pattern.compile("\"mapped_bytes\" ?: ?([0-9]+)");
  private static final long MIB = 1 << 20;

  @TempDir Path temp;
  private String pool = "";
  private Path mount = Path.of("");
  private @Nullable Thread serving;

  @BeforeEach
  void mountAPool() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can attach loop devices");
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "no loop devices here");
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse that we may open");
    for (String program : new String[] {"mkfs.ext4", "e2fsck", "thin_check"}) {
      assumeTrue(Files.isExecutable(Path.of("/usr/sbin", program)), "needs " + program);
    }
    pool = temp.resolve("pool").toString();
    mount = Files.createDirectory(temp.resolve("mnt"));
    done("pool", "create", pool, "--data-size", "512M");
    done("volume", "create", pool, "disk", "--size", "256M");
    serving = new Thread(this::serve, "mount");
    serving.start();
    Await.until("a mount", () -> Files.exists(mount.resolve("status")));
  }

  private void serve() {
    try {
      done("mount", "-f", pool, mount.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void unmount() throws Exception {
    if (serving != null && serving.isAlive()) {
      CommandRun.of("umount", mount.toString()).requireDone();
      serving.join(TimeUnit.MINUTES.toMillis(2));
    }
  }

  private static CommandRun done(String... command) throws IOException {
    return CommandRun.of(command).requireDone();
  }

  private static String output(Object... command) throws Exception {
    String[] words = new String[command.length];
    for (int i = 0; i < words.length; i++) {
      words[i] = command[i].toString();
    }
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", words) + "\n" + output).isZero();
    return output;
  }

  private static void run(Object... command) throws Exception {
    String unused = output(command);
  }

  private long mappedBytes() throws IOException {
    String listed = done("volume", "ls", "--json", pool).out();
    Matcher mapped = MAPPED.matcher(listed);
    assertThat(mapped.find()).as(listed).isTrue();
    return Long.parseLong(mapped.group(1));
  }

  @Test
  void theKernelsFileSystemOnADeviceGivesBackWhatIsDeletedInIt() throws Exception {
    Path device = mount.resolve("devices/disk");
    run("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", device);
    String loop = output("losetup", "--find", "--show", device).strip();
    try {
      run("e2fsck", "-fn", loop);
    } finally {
      run("losetup", "-d", loop);
    }
    byte[] kept = new byte[5 << 20];
    new Random(1).nextBytes(kept);
    Path inside = Files.createDirectory(temp.resolve("inside"));
    run("mount", "-o", "loop,discard", device, inside);
    try {
      writeAndDelete(inside, kept);
    } finally {
      run("umount", inside);
    }
    waitUntilDetached(device);
    Path image = temp.resolve("image");
    done("volume", "export", pool, "disk", image.toString());
    run("e2fsck", "-fn", image);
    unmount();
    run("thin_check", Path.of(pool, "metadata"));
    assertThat(done("cat", pool + ":disk/kept").bytes()).isEqualTo(kept);
  }

  private void writeAndDelete(Path inside, byte[] kept) throws Exception {
    run("fstrim", inside);
    Files.write(inside.resolve("kept"), kept);
    run("sync", "-f", inside);
    long before = mappedBytes();
    for (int i = 0; i < 4; i++) {
      run("dd", "if=/dev/urandom", "of=" + inside.resolve("f" + i), "bs=1M", "count=10");
    }
    run("sync", "-f", inside);
    assertThat(mappedBytes()).isGreaterThan(before + 39 * MIB);
    for (int i = 0; i < 4; i++) {
      Files.delete(inside.resolve("f" + i));
    }
    run("sync", "-f", inside);
    run("fstrim", inside);
    assertThat(mappedBytes()).isLessThan(before + MIB);
  }

  /** The kernel lets go of a loop device some time after the mount that it was made for. */
  private static void waitUntilDetached(Path device) throws Exception {
    Await.until("no loop device", () -> output("losetup", "-j", device).isEmpty());
  }
}
