package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Await;
import io.lamina.images.HostTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code lamina union} of directories that lie in volumes, mounted. */
class UnionOfVolumesTest {
  @TempDir Path temp;
  private String pool = "";
  private String other = "";
  private Path mount = Path.of("");
  private @Nullable Thread serving;

  @BeforeEach
  void makePools() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse that we may open");
    for (String program : new String[] {"mke2fs", "e2fsck", "thin_check", "fusermount"}) {
      assumeTrue(HostTool.exists(program), "needs " + program);
    }
    mount = Files.createDirectory(temp.resolve("mnt"));
    pool = pool("pool");
    other = pool("other");
    done("volume", "create", pool, "changes", "--size", "64M", "--fs", "ext4");
    volume(pool, "base", "rm -f d/gone; echo base > d/kept; ln d/kept d/again; echo x > f");
    volume(other, "deep", "echo deep > d/deep; echo hidden > d/kept; echo gone > d/gone");
  }

  private String pool(String name) throws IOException {
    String made = temp.resolve(name).toString();
    done("pool", "create", made, "--data-size", "256M");
    return made;
  }

  /** A volume that mke2fs filled. */
  private void volume(String inPool, String name, String making) throws Exception {
    Path files = Files.createDirectories(temp.resolve(name + "/d")).getParent();
    output("sh", "-ec", "cd " + files + "; " + making);
    Path image = temp.resolve(name + ".img");
    output("mke2fs", "-q", "-t", "ext4", "-d", files.toString(), image.toString(), "32M");
    done("volume", "import", inPool, name, image.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    if (serving != null && serving.isAlive()) {
      done("umount", mount.toString());
      serving.join(TimeUnit.MINUTES.toMillis(2));
    }
  }

  private static CommandRun done(String... command) throws IOException {
    return CommandRun.of(command).requireDone();
  }

  private static String output(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + "\n" + output).isZero();
    return output;
  }

  private void mount(String options) throws Exception {
    Thread thread = new Thread(() -> serve(options), "union");
    thread.start();
    serving = thread;
    Await.until("a mount", () -> Files.exists(mount.resolve("d")) || !thread.isAlive());
    assertThat(mount.resolve("d")).exists();
  }

  private void serve(String options) {
    try {
      done("union", "-f", "-o", options, mount.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void change() throws Exception {
    assertThat(mount.resolve("d/kept")).hasContent("base\n");
    assertThat(mount.resolve("d/deep")).hasContent("deep\n");
    Files.writeString(mount.resolve("d/kept"), "changed\n");
    Files.delete(mount.resolve("d/deep"));
    Files.createDirectory(mount.resolve("new"));
    Files.setPosixFilePermissions(mount.resolve("f"), PosixFilePermissions.fromString("rw-------"));
    Files.move(mount.resolve("f"), mount.resolve("new/f"));
    output("rm", "-r", mount.resolve("d").toString());
    Files.createDirectory(mount.resolve("d"));
    Files.writeString(mount.resolve("d/only"), "only\n");
  }

  private void requireChanged() {
    assertThat(mount.resolve("d").toFile().list()).containsExactly("only");
    assertThat(mount.resolve("f")).doesNotExist();
    assertThat(mount.resolve("new/f")).hasContent("x\n");
  }

  private void requireSound(String volume) throws Exception {
    Path image = temp.resolve("checked.img");
    done("volume", "export", pool, volume, image.toString());
    output("e2fsck", "-fn", image.toString());
    Files.delete(image);
    output("thin_check", pool + "/metadata");
  }

  @Test
  void aufsBranchesOfSeveralPoolsAreWrittenToInOne() throws Exception {
    done("volume", "snapshot", pool, "changes", "untouched");
    Path host = Files.createDirectory(temp.resolve("host"));
    Files.writeString(host.resolve("of-the-host"), "");
    String options =
        "br:" + pool + ":changes=rw:" + pool + ":base=ro+wh:" + other + ":deep=ro+wh:" + host;
    mount(options);
    assertThat(mount.resolve("of-the-host")).exists();
    change();
    requireChanged();
    assertThat(done("volume", "ls", pool).out()).contains("changes");
    done("volume", "snapshot", pool, "changes", "monday");
    CommandRun.of("volume", "rm", pool, "base").requireRefused("a union shows it");
    Files.writeString(mount.resolve("d/later"), "");
    unmount();
    mount("br:" + pool + ":monday=ro+wh:" + pool + ":base=ro+wh:" + other + ":deep=ro+wh");
    requireChanged();
    unmount();
    requireSound("changes");
    requireSound("base");
    assertThat(done("ls", pool + ":changes/d").out()).contains("later");
    assertThat(done("ls", pool + ":base/d").out()).contains("kept");
  }

  @Test
  void anOverlayKeepsItsWorkInTheVolumeOfItsChanges() throws Exception {
    mount("br:" + pool + ":changes=rw:" + pool + ":base=ro+wh");
    Files.createDirectory(mount.resolve("u"));
    Files.createDirectory(mount.resolve("w"));
    unmount();
    String lower = "lowerdir=" + pool + ":base:" + other + ":deep";
    String options = lower + ",upperdir=" + pool + ":changes/u,workdir=" + pool + ":changes/w";
    mount(options);
    change();
    unmount();
    mount(options);
    requireChanged();
    unmount();
    requireSound("changes");
    for (String work : new String[] {temp.toString(), pool + ":base", other + ":deep"}) {
      refused(lower + ",upperdir=" + pool + ":changes/u,workdir=" + work, "is not in the volume");
    }
    refused(
        lower + ",upperdir=" + pool + ":changes/u,workdir=" + pool + ":changes//./u/",
        "one lies in the other");
    refused(
        lower + ",upperdir=" + pool + ":changes/u,workdir=" + pool + ":changes",
        "one lies in the other");
  }

  private void refused(String options, String why) throws IOException {
    CommandRun.of("union", "-f", "-o", options, mount.toString()).requireRefused(why);
  }

  @Test
  void whatCannotBeABranchIsRefusedByName() throws Exception {
    refused("br:" + pool + ":nothing=rw:" + pool + ":base", "nothing");
    refused("br:" + pool + ":changes=rw:" + pool + ":nothing", "nothing");
    refused("br:" + pool + ":changes/none=rw", "No such file or directory");
    refused("br:" + pool + ":base/f=ro", "Not a directory");
    done("volume", "create", pool, "raw", "--size", "1M");
    refused("br:" + pool + ":raw=rw", "volume raw: ");
    refused("br:" + pool + ":changes=rw:" + pool + ":raw", "volume raw: ");
    Path host = Files.createDirectories(temp.resolve("branch/upper")).getParent();
    String both = "directory " + host + ": is, holds or lies in " + host;
    refused("br:" + host + "/upper=rw:" + host + "=ro", both);
    refused("br:" + host + "=rw:" + host + "=ro", both);
    refused("lowerdir=" + host + ",upperdir=" + host + "/upper,workdir=" + temp, "lies in");
    refused("br:" + pool + ":changes=rw:" + pool + ":changes/lost+found=ro", "is written to");
    refused("br:" + pool + ":base=ro:" + temp + "=ro", "a directory of the union");
    mount("br:" + pool + ":changes=rw:" + pool + ":base");
    Path second = Files.createDirectory(temp.resolve("second"));
    CommandRun.of("union", "-f", "-o", "br:" + pool + ":base", second.toString())
        .requireRefused("is mounted for writing");
    CommandRun.of("mount", "-f", pool, second.toString()).requireRefused("");
  }
}
