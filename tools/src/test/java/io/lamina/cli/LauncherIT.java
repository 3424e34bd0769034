package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.graph.Id;
import io.lamina.images.Await;
import io.lamina.images.Fixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The {@code lamina} command as a person starts it: the launcher, in processes of its own. */
class LauncherIT {
  private static final String LAMINA = System.getProperty("lamina.launcher", "");
  private static final String NOBODY = "65534";

  @TempDir Path temp;
  private Path pool;
  private Path mnt;
  private Path log;

  private record Result(int exitCode, String out, String err) {}

  @BeforeEach
  void makePool() throws IOException {
    assumeTrue(!LAMINA.isEmpty(), "needs -Dlamina.launcher");
    Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwx--x--x"));
    pool = Files.createDirectory(temp.resolve("pool"));
    Files.createSymbolicLink(pool.resolve("metadata"), Fixture.KERNEL_THIN_BASIC.metadata());
    Files.createSymbolicLink(pool.resolve("data"), Fixture.KERNEL_THIN_BASIC.data());
    mnt = Files.createDirectory(temp.resolve("mnt"));
    log = temp.resolve("mount.log");
  }

  @AfterEach
  void leaveNoMount() throws Exception {
    if (isMounted()) {
      lamina("umount", mnt.toString());
    }
    Files.delete(pool.resolve("metadata"));
    Files.delete(pool.resolve("data"));
  }

  private Process start(List<String> before, String... args) throws IOException {
    List<String> lamina = new ArrayList<>(List.of(LAMINA));
    lamina.addAll(List.of(args));
    return start(before, lamina);
  }

  private Process start(List<String> before, List<String> program) throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(program);
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.put("LAMINA_NO_BUILD", "1");
    environment.put("LAMINA_LOG", log.toString());
    builder.redirectOutput(temp.resolve("out").toFile());
    builder.redirectError(temp.resolve("err").toFile());
    return builder.start();
  }

  private Result result(Process process) throws Exception {
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ended").isTrue();
    return new Result(
        process.exitValue(),
        Files.readString(temp.resolve("out"), StandardCharsets.ISO_8859_1),
        Files.readString(temp.resolve("err"), StandardCharsets.UTF_8));
  }

  private Result lamina(String... args) throws Exception {
    return result(start(List.of(), args));
  }

  private Result done(String... args) throws Exception {
    Result result = lamina(args);
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    return result;
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
  }

  private boolean isMounted() throws IOException {
    return Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)
        .contains(" " + mnt + " ");
  }

  private static void requireFuse() {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "needs /dev/fuse");
  }

  /** The server of the mount, which is no child of this process. */
  private ProcessHandle server() {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .arguments()
                    .map(args -> List.of(args).containsAll(List.of("mount", mnt.toString())))
                    .orElse(false))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void mountsLooksCopiesAndUnmounts() throws Exception {
    requireFuse();
    done("mount", pool.toString(), mnt.toString(), "-o", "ro");
    assertThat(mnt.toFile().list()).containsExactlyInAnyOrder("devices", "status", "volumes");
    byte[] content = Files.readAllBytes(mnt.resolve("volumes/1/files/f0001.txt"));
    assertThat(done("cat", pool + ":1/files/f0001.txt").out())
        .isEqualTo(new String(content, StandardCharsets.ISO_8859_1));
    assertThat(done("ls", pool + ":1/files").out()).contains("f0001.txt\n");
    Path copy = temp.resolve("copy");
    done("cp", "-r", pool + ":1/files", copy.toString());
    assertThat(copy.resolve("f0001.txt")).hasBinaryContent(content);
    ProcessHandle server = server();
    done("umount", mnt.toString());
    assertThat(isMounted()).isFalse();
    server.onExit().get(2, TimeUnit.MINUTES);
    assertThat(log).as("what the mount complained of").isEmptyFile();
  }

  /** As {@code mount(8)} finds it where a link to the helper lies in {@code /sbin}. */
  @Test
  void mountFindsTheUnionsHelper() throws Exception {
    requireFuse();
    Path helpers = Files.createDirectory(temp.resolve("helpers"));
    Path helper = Path.of(LAMINA).resolveSibling("mount.fuse.lamina-union");
    Files.createSymbolicLink(helpers.resolve(helper.getFileName()), helper);
    Files.writeString(Files.createDirectory(temp.resolve("below")).resolve("file"), "below");
    Files.createDirectory(temp.resolve("changes"));
    Path script = temp.resolve("script");
    Files.writeString(
        script,
        """
        cd "$1" || exit 9
        mount -t overlay overlay -o "lowerdir=helpers:$(readlink -f /sbin)" /sbin || exit 77
        mount -t fuse.lamina-union union mnt -o "br:$PWD/changes=rw:$PWD/below=ro+wh" || exit 1
        cat mnt/file && rm mnt/file && grep " $PWD/mnt " /proc/self/mounts
        umount mnt
        """);
    Result mounted =
        result(
            start(List.of(), List.of("unshare", "-m", "sh", script.toString(), temp.toString())));
    assumeTrue(mounted.exitCode() != 77, "no overlay can be mounted here");
    assertThat(mounted.err()).isEmpty();
    assertThat(mounted.out()).startsWith("below").contains("union ").contains(" fuse.lamina ");
    assertThat(temp.resolve("changes").toFile().list()).contains(".wh.file");
  }

  /**
   * From Java 23 on, what jnr-ffi does is announced as going away, and a mount must not show it.
   */
  @Test
  void worksOnALaterJava() throws Exception {
    requireFuse();
    Optional<Path> later = laterJava();
    assumeTrue(later.isPresent(), "no JDK of 21 or later in /usr/lib/jvm");
    String home = "JAVA_HOME=" + later.orElseThrow();
    String[][] commands = {
      {"mount", pool.toString(), mnt.toString(), "-o", "ro"},
      {"ls", pool + ":1/files"},
      {"cat", pool + ":1/files/f0001.txt"},
      {"cp", "-r", pool + ":1/files", temp.resolve("copy").toString()},
      {"umount", mnt.toString()}
    };
    for (String[] command : commands) {
      Result result = result(start(List.of("env", home), command));
      assertThat(result.err()).isEmpty();
      assertThat(result.exitCode()).as(String.join(" ", command)).isZero();
    }
    assertThat(log).as("what the mount complained of").isEmptyFile();
  }

  private static Optional<Path> laterJava() throws IOException {
    Path all = Path.of("/usr/lib/jvm");
    if (!Files.isDirectory(all)) {
      return Optional.empty();
    }
    try (Stream<Path> homes = Files.list(all)) {
      return homes
          .filter(home -> home.getFileName().toString().matches(".*\\b2[1-9]\\b.*"))
          .filter(home -> Files.isExecutable(home.resolve("bin/java")))
          .findFirst();
    }
  }

  @Test
  void aWordFromTheServerMayComeInPieces() throws Exception {
    Path java = Files.createDirectories(temp.resolve("jdk/bin")).resolve("java");
    String script =
        """
        #!/bin/bash
        [ -n "${LAMINA_READY:-}" ] || exit 0
        exec 3>"$LAMINA_READY"
        printf rea >&3
        sleep 0.5
        printf 'dy\\n' >&3
        """;
    Files.writeString(java, script);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> environment = List.of("env", "JAVA_HOME=" + temp.resolve("jdk"));
    Result mounted = result(start(environment, "mount", pool.toString(), mnt.toString()));
    assertThat(mounted.err()).isEmpty();
    assertThat(mounted.exitCode()).isZero();
  }

  /** Of the one image of a docker root, of either layout. */
  private Result history(int commentBytes, boolean old) throws Exception {
    Path root = temp.resolve("root" + commentBytes);
    String rest =
        "\"created\":\"2015-01-01T00:00:00Z\",\"config\":{},\"empty_layer\":true,\"comment\":\"";
    String json = "{" + rest + "c".repeat(commentBytes) + "\"}";
    if (!old) {
      json = "{\"history\":[" + json + "]}";
    }
    String id = Id.digestOf(json.getBytes(StandardCharsets.UTF_8)).hex();
    Path record = root.resolve("image/overlay2/imagedb/content/sha256").resolve(id);
    if (old) {
      record = root.resolve("graph").resolve(id).resolve("json");
      Files.createFile(Files.createDirectories(root.resolve("aufs/layers")).resolve(id));
      Files.writeString(root.resolve("repositories-aufs"), "{\"Repositories\":{}}");
    }
    Files.createDirectories(record.getParent());
    Files.writeString(record, json);
    return lamina("history", "--root", root.toString(), id);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aVeryLongCommentIsShownAndAbsurdOnesAreRefused(boolean old) throws Exception {
    Result shown = history(10 << 20, old);
    assertThat(shown.err()).isEmpty();
    assertThat(shown.out().lines().toList().get(1)).hasSizeGreaterThan(10 << 20).endsWith("ccc");
    Result refused = history(17 << 20, old);
    assertThat(refused.exitCode()).isEqualTo(3);
    assertThat(refused.err())
        .contains("root" + (17 << 20))
        .contains("too long for a record: expected up to 16777216 bytes, found 1782")
        .hasLineCount(1);
  }

  @Test
  void commandsThatMoveMuchDataSayNothingButTheirOwn() throws Exception {
    for (String command : List.of("load", "save", "import", "export", "commit")) {
      assertThat(done(command, "--help").out()).startsWith("Usage: lamina " + command + " ");
    }
  }

  @Test
  void aMountWhoseServerWasKilledIsCleanedUp() throws Exception {
    requireFuse();
    done("mount", pool.toString(), mnt.toString(), "-o", "ro");
    ProcessHandle server = server();
    server.destroyForcibly();
    server.onExit().get(2, TimeUnit.MINUTES);
    assertThat(isMounted()).isTrue();
    done("umount", mnt.toString());
    assertThat(isMounted()).isFalse();
  }

  @Test
  void sigtermEndsAMountInTheBackground() throws Exception {
    requireFuse();
    done("mount", pool.toString(), mnt.toString(), "-o", "ro");
    ProcessHandle server = server();
    server.destroy();
    server.onExit().get(2, TimeUnit.MINUTES);
    assertThat(isMounted()).isFalse();
  }

  @Test
  void sigintEndsAMountInTheForeground() throws Exception {
    requireFuse();
    Process process =
        start(List.of(), "mount", "--foreground", pool.toString(), mnt.toString(), "-o", "ro");
    Await.until("a mount", () -> isMounted() || !process.isAlive());
    assertThat(mnt.resolve("status")).isReadable();
    run("kill", "-INT", Long.toString(process.pid()));
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(isMounted()).isFalse();
  }

  @Test
  void exitCodesAreThoseOfTheHelp() throws Exception {
    assertThat(done("--version").out()).startsWith("lamina ");
    Result missing = lamina("ls", pool + ":1/nothing");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).startsWith("lamina: ").hasLineCount(1);
    assertThat(lamina("nonsense").exitCode()).isEqualTo(2);
    for (String[] command :
        new String[][] {
          {"pool", "status", temp.toString()},
          {"mount", temp.toString(), mnt.toString()},
          {"mount", pool.toString(), temp.resolve("none").toString()},
          {"umount", mnt.toString()},
        }) {
      Result result = lamina(command);
      assertThat(result.exitCode()).as(String.join(" ", command)).isEqualTo(3);
      assertThat(result.err()).startsWith("lamina: ").hasLineCount(1);
    }
    assertThat(lamina("mount", "-o", "nonsense", pool.toString(), mnt.toString()).exitCode())
        .isEqualTo(2);
  }

  @Test
  void withoutMkfsThereIsOneLineAndNothingIsMade() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root may hide a program");
    Path mkfs = Path.of("/usr/sbin/mkfs.ext4");
    assumeTrue(Files.exists(mkfs), "mkfs.ext4 is not installed there");
    String hide = "mount --bind \"$1\" \"$2\" || exit 77; shift 2; exec \"$@\"";
    List<String> without =
        List.of(
            "unshare",
            "-m",
            "sh",
            "-c",
            hide,
            "sh",
            Files.createFile(temp.resolve("nothing")).toString(),
            mkfs.toRealPath().toString());
    Path made = temp.resolve("made");
    done("pool", "create", made.toString(), "--data-size", "64M");
    for (String driver : List.of("thin", "aufs")) {
      Path store = temp.resolve(driver);
      requireNoMkfs(without, "init", store.toString(), "--data-size", "256M", "--driver", driver);
      assertThat(store).doesNotExist();
    }
    requireNoMkfs(
        without, "volume", "create", made.toString(), "v", "--size", "32M", "--fs", "ext4");
    assertThat(done("volume", "ls", made.toString(), "--json").out()).doesNotContain("\"v\"");
  }

  private void requireNoMkfs(List<String> without, String... args) throws Exception {
    Result result = result(start(without, args));
    assumeTrue(result.exitCode() != 77, "mkfs.ext4 cannot be hidden here");
    assertThat(result.err()).isEqualTo("lamina: mkfs.ext4: not found: e2fsprogs has it\n");
    assertThat(result.exitCode()).isEqualTo(3);
  }

  /** Any user may look into a pool that he can read, and mount it where he may write. */
  @Test
  void worksForAUserWhoIsNotRoot() throws Exception {
    requireFuse();
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can become another");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs setpriv");
    List<String> asNobody =
        List.of("/usr/bin/setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "env");
    assumeTrue(
        result(start(asNobody, "--version")).exitCode() == 0,
        "the build lies where others may not go");
    Path home = Files.createDirectory(temp.resolve("home"));
    Path own = Files.createDirectory(home.resolve("pool"));
    for (Path file : List.of(pool.resolve("metadata"), pool.resolve("data"))) {
      run("cp", "--dereference", "--sparse=always", file.toString(), own.toString());
    }
    run("chown", "-R", NOBODY, home.toString(), mnt.toString());
    Path copy = home.resolve("copy");
    Result copied = result(start(asNobody, "cp", "-a", own + ":1/files", copy.toString()));
    assertThat(copied.err()).isEmpty();
    assertThat(copied.exitCode()).isZero();
    assertThat(Files.getAttribute(copy.resolve("f0001.txt"), "unix:uid"))
        .isEqualTo(Integer.valueOf(NOBODY));
    try (Stream<Path> files = Files.list(copy)) {
      assertThat(files).hasSizeGreaterThan(100);
    }
    assumeTrue(
        result(start(asNobody, List.of("test", "-w", "/dev/fuse"))).exitCode() == 0,
        "only root may open /dev/fuse here");
    log = home.resolve("mount.log");
    Result mounted = result(start(asNobody, "mount", own.toString(), mnt.toString(), "-o", "ro"));
    assertThat(mounted.err()).isEmpty();
    assertThat(mounted.exitCode()).isZero();
    assertThat(Files.isReadable(mnt.resolve("status"))).as("by root: only who mounted").isFalse();
    Result unmounted = result(start(asNobody, "umount", mnt.toString()));
    assertThat(unmounted.err()).isEmpty();
    assertThat(unmounted.exitCode()).isZero();
    assertThat(isMounted()).isFalse();
  }
}
