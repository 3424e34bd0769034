package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Await;
import io.lamina.images.HostTool;
import io.lamina.layer.NewStore;
import io.lamina.layer.StoreTools;
import io.lamina.layer.WritableRoot;
import io.lamina.thin.WriteOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Docker's commands on a store of Lamina's own, mounted and not. */
class StoreCommandsTest {
  private static final Path BUSYBOX = Path.of("/usr/bin/busybox");

  private @TempDir Path scratch;
  private String root = "";
  private Path mount = Path.of("");
  private @Nullable Thread serving;

  /** What a command gave. */
  private record Said(int exitCode, String out, String err) {}

  private static Said lamina(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, false, false), args);
      return new Said(
          exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  private static String done(String... args) throws IOException {
    Said said = lamina(args);
    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    return said.out().strip();
  }

  @BeforeEach
  void makeStore() throws IOException {
    StoreTools.requireRootAndMkfs();
    root = scratch.resolve("store").toString();
    mount = Files.createDirectories(scratch.resolve("mounted"));
    done("init", root, "--data-size", "256M", "--base-size", "128M");
    Path files = scratch.resolve("files");
    Path bin = Files.createDirectories(files.resolve("bin"));
    Files.createDirectories(files.resolve("etc"));
    Files.writeString(files.resolve("etc/passwd"), "root:x:0:0::/:/bin/sh\napp:x:7:8::/:/bin/sh\n");
    if (Files.isExecutable(BUSYBOX)) {
      Files.copy(BUSYBOX, bin.resolve("busybox"));
      Files.setPosixFilePermissions(
          bin.resolve("busybox"), PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
    }
    try (WritableRoot opened = WritableRoot.open(Path.of(root), WriteOptions.DEFAULT)) {
      StoreTools.addImage(opened, StoreTools.tar(files), "app:1");
    }
  }

  private void mount() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse that we may open");
    serving = new Thread(() -> serve(root, mount.toString()), "mount");
    serving.start();
    Await.until("a mount", () -> Files.exists(mount.resolve("status")));
  }

  private static void serve(String root, String mount) {
    try {
      lamina("mount", "-f", "-o", "allow_other", root, mount);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @AfterEach
  void unmount() throws Exception {
    if (serving != null) {
      lamina("umount", mount.toString());
      serving.join(TimeUnit.MINUTES.toMillis(2));
      StoreTools.checkPool(Path.of(root), NewStore.Kind.THIN);
    }
  }

  private static Said run(Path directory, String... command) throws Exception {
    Process process = new ProcessBuilder(command).directory(directory.toFile()).start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    return new Said(process.exitValue(), out, err);
  }

  @Test
  void aMountThatDoesNotComeAboutTakesNoCommands() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse that we may open");
    String tooLong = "fsname=" + "x".repeat(5000);
    Said refused = lamina("mount", "-f", "-o", tooLong, root, mount.toString());
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(done("cat", root + ":app:1/etc/passwd")).startsWith("root:");
    assertThat(done("create", "--root", root, "app:1", "x")).matches("[0-9a-f]{64}");
  }

  @Test
  void aContainersLifeHasDockersWords() throws Exception {
    String id =
        done("create", "--root", root, "--name", "web", "-e", "A=1", "app:1", "/bin/sh", "-c", "x");
    assertThat(id).matches("[0-9a-f]{64}");
    assertThat(done("ps", "-a", "--root", root, "--format", "{{.Names}} {{.Command}} {{.Status}}"))
        .isEqualTo("web \"/bin/sh -c x\" Created");
    assertThat(done("diff", "--root", root, "web")).isEmpty();
    String image = done("commit", "--root", root, "-m", "m", "-c", "USER app", "web", "app:2");
    assertThat(image).matches("sha256:[0-9a-f]{64}");
    assertThat(done("history", "--root", root, "--format", "{{.Comment}}", "app:2"))
        .startsWith("m");
    done("tag", "--root", root, "app:2", "registry.example.com/team/app");
    assertThat(done("rmi", "--root", root, "registry.example.com/team/app"))
        .isEqualTo("Untagged: registry.example.com/team/app:latest");
    assertThat(done("rm", "--root", root, "web")).isEqualTo("web");
    assertThat(done("rmi", "--root", root, "app:2").lines().toList())
        .containsExactly("Untagged: app:2", "Deleted: " + image);
  }

  @Test
  void whatCannotBeDoneIsSaidInOneLine() throws Exception {
    assertThat(lamina("create", "--root", root, "nosuch"))
        .isEqualTo(new Said(1, "", "lamina: No such image: nosuch\n"));
    assertThat(lamina("rm", "--root", root, "a", "b"))
        .isEqualTo(new Said(1, "", "lamina: No such container: a\nlamina: No such container: b\n"));
    assertThat(lamina("tag", "--root", root, "app:1", "Not A Name").exitCode()).isEqualTo(2);
    String id = done("create", "--root", root, "--name", "web", "app:1");
    Said twice = lamina("create", "--root", root, "--name", "web", "app:1");
    assertThat(twice.exitCode()).isEqualTo(1);
    assertThat(twice.err())
        .startsWith("lamina: Conflict. The container name \"/web\"")
        .contains(id);
    Said change = lamina("commit", "--root", root, "-c", "RUN x", "web");
    assertThat(change.exitCode()).isEqualTo(2);
    assertThat(change.err()).contains("RUN is not a valid change command");
    Said used = lamina("rmi", "--root", root, "app:1");
    assertThat(used.exitCode()).isEqualTo(1);
    assertThat(used.err()).contains("(must force) - container " + id.substring(0, 12));
    assertThat(lamina("init", root, "--data-size", "1G"))
        .isEqualTo(new Said(3, "", "lamina: " + root + ": is not empty\n"));
  }

  @Test
  void commandsReachTheRootThatIsMountedAndProgramsRunInIt() throws Exception {
    assumeTrue(Files.isExecutable(BUSYBOX), "busybox is not installed");
    mount();
    String id = done("create", "--root", root, "--name", "web", "app:1");
    Path files = mount.resolve("mnt").resolve(id);
    Said ran =
        run(
            mount,
            "chroot",
            files.toString(),
            "/bin/sh",
            "-c",
            "echo in > /made; busybox cat /made /etc/hosts");
    assertThat(ran).isEqualTo(new Said(0, "in\n", ""));
    assertThat(done("diff", "--root", root, "web")).isEqualTo("A /made");
    assertThat(done("commit", "--root", root, "web", "app:2")).startsWith("sha256:");
    assertThat(mount.resolve("tags/app/2/made")).hasContent("in\n");
    Said held = lamina("cat", root + ":" + id + "/made");
    assertThat(held.exitCode()).isEqualTo(3);
    assertThat(held.err()).contains("is mounted for writing");
    assertThat(done("rm", "--root", root, "web")).isEqualTo("web");
    Await.until("the kernel is told", () -> !Files.exists(files));
  }

  @Test
  void bubblewrapRunsAProgramInAContainer() throws Exception {
    assumeTrue(Files.isExecutable(BUSYBOX), "busybox is not installed");
    assumeTrue(HostTool.exists("bwrap"), "bwrap is not installed");
    mount();
    String id = done("create", "--root", root, "--name", "web", "app:1");
    String files = mount.resolve("mnt").resolve(id).toString();
    String script = "echo in > /made; busybox cat /made /etc/passwd | busybox head -n 2";
    Said ran =
        run(
            mount,
            "bwrap",
            "--bind",
            files,
            "/",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--unshare-pid",
            "/bin/sh",
            "-c",
            script);
    assumeTrue(!ran.err().contains("namespace"), "bwrap cannot make namespaces: " + ran.err());
    assertThat(ran).isEqualTo(new Said(0, "in\nroot:x:0:0::/:/bin/sh\n", ""));
    assertThat(done("diff", "--root", root, "web")).isEqualTo("A /made");
  }

  @Test
  void aBundleRunsTheContainersProgram() throws Exception {
    assumeTrue(Files.isExecutable(BUSYBOX), "busybox is not installed");
    mount();
    String id =
        done(
            "create",
            "--root",
            root,
            "--name",
            "web",
            "-u",
            "app",
            "-w",
            "/etc",
            "app:1",
            "/bin/sh",
            "-c",
            "busybox id -u; pwd; echo $HOSTNAME");
    Path bundle = scratch.resolve("bundle");
    done("bundle", "--root", root, "web", bundle.toString());
    String spec = Files.readString(bundle.resolve("config.json"));
    assertThat(spec).contains(mount.resolve("mnt").resolve(id).toString()).contains("\"uid\": 7");
    runIn(bundle, id);
  }

  private static void runIn(Path bundle, String id) throws Exception {
    StringBuilder failures = new StringBuilder("neither crun nor runc runs here");
    for (List<String> runtime :
        List.of(
            List.of("/usr/bin/crun", "--cgroup-manager=disabled"),
            List.of("/usr/sbin/runc"),
            List.of("/usr/bin/runc"))) {
      if (Files.isExecutable(Path.of(runtime.get(0)))) {
        List<String> command = new ArrayList<>(runtime);
        command.addAll(List.of("run", "lamina-test-" + id.substring(0, 12)));
        Said said = run(bundle, command.toArray(String[]::new));
        if (said.exitCode() == 0) {
          assertThat(said.out()).isEqualTo("7\n/etc\n" + id.substring(0, 12) + "\n");
          return;
        }
        failures.append(": ").append(said.err().strip());
      }
    }
    assumeTrue(false, failures.toString());
  }
}
