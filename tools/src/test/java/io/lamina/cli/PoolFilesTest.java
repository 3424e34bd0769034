package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.images.Await;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool that is named by its two files, or two block devices. */
class PoolFilesTest {
  @TempDir Path temp;
  private final List<String> loops = new ArrayList<>();
  private @Nullable Thread serving;
  private Path mountPoint = Path.of("");
  private String[] pool = {};

  @AfterEach
  void unmountAndDetach() throws Exception {
    unmount();
    assertThat(CommandRun.of("pool", "check", pool[1]).out()).startsWith("sound");
    for (String loop : loops) {
      String unused = run("losetup", "-d", loop);
    }
  }

  /** A command with the options that name the pool, and then its operands. */
  private String[] onPool(String group, String command, String... operands) {
    return Stream.of(Stream.of(group, command), Arrays.stream(pool), Arrays.stream(operands))
        .flatMap(words -> words)
        .toArray(String[]::new);
  }

  private String done(String group, String command, String... operands) throws IOException {
    return CommandRun.of(onPool(group, command, operands)).requireDone().out();
  }

  private void refused(String reason, String group, String command, String... operands)
      throws IOException {
    CommandRun.of(onPool(group, command, operands)).requireRefused(reason);
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + "\n" + output).isZero();
    return output;
  }

  private Path makeFiles() throws IOException {
    Path metadata = temp.resolve("pool.meta");
    Path data = temp.resolve("pool.data");
    pool = new String[] {"--metadata", metadata.toString(), "--data", data.toString()};
    done("pool", "create", "--data-size", "64M", "--metadata-size", "4M");
    return metadata;
  }

  private void makeDevices(String... options) throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can attach loop devices");
    assumeTrue(Files.exists(Path.of("/dev/loop-control")), "no loop devices here");
    String metadata = loop(sparse("meta.img", 4 << 20));
    String data = loop(sparse("data.img", 64 << 20));
    pool = new String[] {"--metadata", metadata, "--data", data};
    done("pool", "create");
    pool = Stream.concat(Arrays.stream(pool), Arrays.stream(options)).toArray(String[]::new);
  }

  private Path sparse(String name, long size) throws IOException {
    Path file = temp.resolve(name);
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "rw")) {
      image.setLength(size);
    }
    return file;
  }

  private String loop(Path file) throws Exception {
    String device = run("losetup", "--find", "--show", file.toString()).strip();
    loops.add(device);
    return device;
  }

  private void mount() throws Exception {
    assumeTrue(Files.isWritable(Path.of("/dev/fuse")), "no /dev/fuse that we may open");
    mountPoint = Files.createDirectories(temp.resolve("mnt"));
    List<String> command = new ArrayList<>(List.of("mount", "-f"));
    command.addAll(List.of(pool));
    command.add(mountPoint.toString());
    Thread thread = new Thread(() -> serve(command), "mount");
    thread.start();
    serving = thread;
    Await.until("a mount", () -> Files.exists(mountPoint.resolve("status")));
  }

  private static void serve(List<String> command) {
    try {
      CommandRun.of(command.toArray(String[]::new)).requireDone();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void unmount() throws Exception {
    if (serving != null) {
      CommandRun.of("umount", mountPoint.toString()).requireDone();
      serving.join(TimeUnit.MINUTES.toMillis(2));
      serving = null;
    }
  }

  /** Everything that names and sizes are for, and that {@code web} stays, of 3 MiB. */
  private void useNames() throws IOException {
    done("volume", "create", "web", "--size", "2M");
    done("volume", "snapshot", "web", "monday");
    done("volume", "rename", "monday", "tuesday");
    done("volume", "resize", "web", "--size", "3M");
    done("volume", "discard", "web", "--length", "1M");
    assertThat(done("volume", "ls")).contains("web      3.0 MiB").contains("tuesday  2.0 MiB");
    done("volume", "diff", "web", "tuesday");
    done("volume", "rm", "tuesday");
    assertThat(done("volume", "ls")).doesNotContain("tuesday");
    assertThat(done("volume", "export", "web", "-")).hasSize(3 << 20);
    assertThat(done("pool", "status")).contains("transaction id:");
    assertThat(done("pool", "dump")).contains("dev_id=\"1\"");
  }

  @Test
  void namesOfVolumesLieBesideTheMetadataFile() throws Exception {
    Path metadata = makeFiles();
    useNames();
    assertThat(temp.resolve("pool.meta.volumes/web.json")).exists();
    Path link = Files.createSymbolicLink(temp.resolve("link"), metadata);
    pool[1] = link.toString();
    assertThat(done("volume", "ls")).contains("web");
    refused("volume web exists already", "volume", "create", "web", "--size", "1M");
  }

  @Test
  void theFilesOfAPoolsDirectoryAreThatPool() throws Exception {
    String directory = temp.resolve("pool").toString();
    CommandRun.of("pool", "create", directory, "--data-size", "64M").requireDone();
    CommandRun.of("volume", "create", directory, "old", "--size", "1M").requireDone();
    pool = new String[] {"--metadata", directory + "/metadata", "--data", directory + "/data"};
    useNames();
    assertThat(CommandRun.of("volume", "ls", directory).requireDone().out())
        .contains("old")
        .contains("web");
    assertThat(Path.of(directory, "metadata.volumes")).doesNotExist();
  }

  @Test
  void aCreationThatAPowerCutEndedIsUndone() throws Exception {
    makeFiles();
    done("volume", "create", "kept", "--size", "1M");
    Files.writeString(
        temp.resolve("pool.meta.volumes/half.json"),
        "{\"device_id\":2,\"size\":1048576,\"transaction_id\":2,\"initialized\":false}");
    done("volume", "create", "next", "--size", "1M");
    assertThat(done("volume", "ls")).contains("kept").contains("next").doesNotContain("half");
  }

  @Test
  void aNewPoolHasNoNamesOfTheOldOne() throws Exception {
    makeFiles();
    done("volume", "create", "web", "--size", "1M");
    refused("is not empty", "pool", "create", "--data-size", "64M");
    done("pool", "create", "--data-size", "64M", "--force");
    assertThat(done("volume", "ls")).doesNotContain("web");
  }

  @Test
  void commandsReachTheMountOfFiles() throws Exception {
    makeFiles();
    done("volume", "create", "first", "--size", "1M");
    mount();
    useNames();
    assertThat(mountPoint.resolve("devices/web")).exists();
    assertThat(mountPoint.resolve("devices/first")).exists();
    CommandRun.of("pool", "check", pool[1]).requireDone();
    refusedFor("other data", "--data", sparse("other", 64 << 20).toString());
    refusedFor("other names", "--names", temp.toString());
  }

  private void refusedFor(String reason, String option, String value) throws IOException {
    String[] before = pool.clone();
    pool =
        option.equals("--data")
            ? new String[] {before[0], before[1], option, value}
            : new String[] {before[0], before[1], before[2], before[3], option, value};
    refused(reason, "volume", "create", "more", "--size", "1M");
    pool = before;
  }

  @Test
  void onBlockDevicesVolumesGoByTheirNumberUnlessNamesHaveAPlace() throws Exception {
    makeDevices();
    refused("--names DIR", "volume", "create", "web", "--size", "1M");
    String[] bare = pool;
    String names = temp.resolve("names").toString();
    pool = new String[] {bare[0], bare[1], bare[2], bare[3], "--names", names};
    useNames();
    pool = bare;
    assertThat(done("volume", "ls")).contains(" 1  1 ").doesNotContain("web");
    done("volume", "rm", "1");
    assertThat(done("volume", "ls")).doesNotContain(" 1  1 ");
  }

  @Test
  void commandsReachTheMountOfBlockDevices() throws Exception {
    makeDevices("--names", temp.resolve("names").toString());
    mount();
    useNames();
    assertThat(mountPoint.resolve("devices/web")).exists();
    String[] named = pool;
    pool = new String[] {named[0], anotherNode(named[1]), named[2], anotherNode(named[3])};
    done("volume", "create", "more", "--size", "1M");
    assertThat(done("volume", "ls")).contains("more").contains("web");
    pool = named;
  }

  private String anotherNode(String device) throws Exception {
    String[] numbers = run("stat", "-c", "%Hr %Lr", device).strip().split(" ", -1);
    Path node = temp.resolve("node" + numbers[1]);
    String unused = run("mknod", node.toString(), "b", numbers[0], numbers[1]);
    return node.toString();
  }

  @Test
  void aPlaceOfNamesBelongsToOnePool() throws Exception {
    Path metadata = makeFiles();
    String names = temp.resolve("names").toString();
    String[] bare = pool;
    pool = new String[] {bare[0], bare[1], bare[2], bare[3], "--names", names};
    done("volume", "create", "web", "--size", "1M");
    Path other = Files.copy(metadata, temp.resolve("other.meta"));
    pool[1] = other.toString();
    refused("holds the volumes of the pool at file://" + metadata, "volume", "ls");
    refused("holds the volumes of the pool at file://" + metadata, "volume", "rm", "web");
    pool[1] = metadata.toString();
    done("volume", "rm", "web");
  }

  @Test
  void halfANameIsWrongUsage() throws Exception {
    makeFiles();
    for (String[] command :
        new String[][] {
          {"volume", "ls"},
          {"volume", "ls", "--names", "n"},
          {"volume", "ls", "--metadata", "m"},
          {"volume", "rm", "--names", "n", "web"},
          {"volume", "rm", "--metadata", "m", "--data", "d", "pool", "web"},
          {"volume", "diff", "--names", "n", "1", "2"},
          {"pool", "check", "--names", "n"},
          {"pool", "create", "--names", "n"},
          {"volume", "rm", "pool"},
        }) {
      CommandRun run = CommandRun.of(command);
      assertThat(run.exitCode()).as(String.join(" ", command) + run.err()).isEqualTo(2);
    }
  }
}
