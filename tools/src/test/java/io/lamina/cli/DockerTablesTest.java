package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.images.Fixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Docker's tables, byte for byte, at a moment at which docker printed them. */
class DockerTablesTest {
  private record Said(int exitCode, String out, String err) {}

  private interface Maker {
    Callable<Integer> command(Console console, Clock clock);
  }

  private static Said run(Maker maker, Instant now, Path root, String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      Console console = new Console(out, errors, false, false);
      CommandLine line = new CommandLine(maker.command(console, Clock.fixed(now, ZoneOffset.UTC)));
      line.setErr(new java.io.PrintWriter(errors, true, StandardCharsets.UTF_8));
      line.registerConverter(Path.class, Text::hostPath);
      List<String> all = new ArrayList<>(List.of("--root", root.toString()));
      all.addAll(Arrays.asList(args));
      int exitCode = line.execute(all.toArray(String[]::new));
      return new Said(
          exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  private static Said lamina(String... args) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    try (PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      int exitCode = Lamina.run(new Console(out, errors, false, false), args);
      return new Said(
          exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
  }

  /**
   * Docker printed its table at a moment that nobody wrote down. It is looked for, in steps of a
   * quarter of a second, from when the newest thing was made.
   */
  private static void isPrintedAtSomeMoment(
      Maker maker, Fixture fixture, String truth, Function<String, Object> form, String... args)
      throws IOException {
    Instant newest = newest(fixture);
    String said = "";
    for (int step = 0; step < 240; step++) {
      Instant now = newest.plus(Duration.ofMillis(250L * step));
      said = run(maker, now, fixture.dockerRoot(), args).out;
      if (form.apply(said).equals(form.apply(truth))) {
        return;
      }
    }
    assertThat(form.apply(said)).isEqualTo(form.apply(truth));
  }

  private static Instant newest(Fixture fixture) throws IOException {
    Matcher time =
        Pattern.compile("\"Created\": \"([^\"]+)\"")
            .matcher(
                Files.readString(fixture.docker("inspect-containers.json"))
                    + Files.readString(fixture.docker("inspect-images.json")));
    Instant newest = Instant.MIN;
    while (time.find()) {
      Instant created = Instant.parse(time.group(1));
      newest = created.isAfter(newest) ? created : newest;
    }
    return newest;
  }

  /** Docker sorts by whole seconds, and leaves those of one second in any order. */
  private static Object inAnyOrder(String table) {
    List<String> lines = new ArrayList<>(table.lines().toList());
    Collections.sort(lines);
    return lines;
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_AUFS", "DOCKER_OVERLAY2", "DOCKER_DEVICEMAPPER"})
  void imagesAreListedAsDockerListsThem(Fixture fixture) throws IOException {
    String truth = Files.readString(fixture.docker("images.txt"));
    isPrintedAtSomeMoment(
        ImagesCommand::new,
        fixture,
        truth,
        DockerTablesTest::inAnyOrder,
        "-a",
        "--digests",
        "--no-trunc");
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER_AUFS", "DOCKER_OVERLAY2", "DOCKER_DEVICEMAPPER"})
  void containersAreListedAsDockerListsThem(Fixture fixture) throws IOException {
    String truth = Files.readString(fixture.docker("ps.txt"));
    isPrintedAtSomeMoment(PsCommand::new, fixture, truth, table -> table, "-a", "--no-trunc");
  }

  @ParameterizedTest
  @EnumSource(names = {"DOCKER19_DEVICEMAPPER", "DOCKER_DEVICEMAPPER"})
  void portsAreThoseOfTheContainersNetwork(Fixture fixture, @TempDir Path temp) throws IOException {
    copyRecords(fixture.dockerRoot(), temp);
    try (Stream<Path> records = Files.walk(temp.resolve("containers"))) {
      for (Path record : records.filter(file -> file.toString().contains("/config.")).toList()) {
        String offering =
            "{\"53/udp\":null,\"80/tcp\":[{\"HostIp\":\"0.0.0.0\",\"HostPort\":\"8080\"}]}";
        Files.writeString(
            record,
            Files.readString(record)
                .replaceFirst("\"Ports\":(null|\\{})", "\"Ports\":" + offering));
      }
    }
    String[] ps = {"ps", "-a", "--format", "{{.Ports}}", "--root", temp.toString()};
    Said said = lamina(ps);
    assertThat(said.err).isEmpty();
    assertThat(said.out.lines().distinct()).containsExactly("53/udp, 0.0.0.0:8080->80/tcp");
  }

  @ParameterizedTest
  @CsvSource({
    "'null', Up",
    "'{}', (unhealthy)",
    "'{\"Status\":\"starting\"}', (health: starting)",
    "'{\"Status\":\"healthy\",\"FailingStreak\":0}', (healthy)"
  })
  void whatRunsTellsHowHealthyItIs(String health, String told, @TempDir Path temp)
      throws IOException {
    Path root = Fixture.DOCKER_DEVICEMAPPER.dockerRoot();
    copyRecords(root, temp);
    try (Stream<Path> records = Files.walk(temp.resolve("containers"))) {
      for (Path record : records.filter(file -> file.endsWith("config.v2.json")).toList()) {
        Files.writeString(
            record,
            Files.readString(record)
                .replace("\"Running\":false", "\"Running\":true")
                .replace("\"Health\":null", "\"Health\":" + health));
      }
    }
    Said said = lamina("ps", "--format", "{{.Status}}", "--root", temp.toString());
    assertThat(said.err).isEmpty();
    assertThat(said.out.lines())
        .hasSize(4)
        .allMatch(line -> line.startsWith("Up ") && line.contains(told))
        .allMatch(line -> told.equals("Up") == !line.contains("("));
  }

  @Test
  void imagesAreListedWithoutNamesThatAreDamaged(@TempDir Path temp) throws IOException {
    copyRecords(Fixture.DOCKER_DEVICEMAPPER.dockerRoot(), temp);
    Path names = temp.resolve("image/devicemapper/repositories.json");
    Files.writeString(names, Files.readString(names).replaceFirst("sha256:", "sha512:"));
    Said said = lamina("images", "-q", "--root", temp.toString());
    assertThat(said.exitCode).isEqualTo(3);
    assertThat(said.err).hasLineCount(1).contains("expected an id of 64 hexadecimal digits");
    Said all =
        lamina("images", "-q", "--root", Fixture.DOCKER_DEVICEMAPPER.dockerRoot().toString());
    assertThat(said.out.lines().distinct())
        .containsExactlyInAnyOrderElementsOf(all.out.lines().distinct().toList());
  }

  /** All of a root but its layers. */
  private static void copyRecords(Path root, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(root.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else if (!file.startsWith(root.resolve("devicemapper/devicemapper"))) {
          Files.copy(file, copy);
        }
      }
    }
  }

  static List<Object[]> histories() {
    List<Object[]> histories = new ArrayList<>();
    for (Fixture fixture :
        List.of(Fixture.DOCKER_AUFS, Fixture.DOCKER_OVERLAY2, Fixture.DOCKER_DEVICEMAPPER)) {
      for (String image : List.of("base:latest", "app:1", "app:committed")) {
        histories.add(new Object[] {fixture, image});
      }
    }
    return histories;
  }

  @ParameterizedTest
  @MethodSource("histories")
  void historyIsToldAsDockerTellsIt(Fixture fixture, String image) throws IOException {
    String file = "history-" + image.replace(':', '_');
    isPrintedAtSomeMoment(
        HistoryCommand::new,
        fixture,
        Files.readString(fixture.docker(file + ".txt")),
        table -> table,
        "--no-trunc",
        image);
    isPrintedAtSomeMoment(
        HistoryCommand::new,
        fixture,
        Files.readString(fixture.docker(file + ".jsonl")),
        table -> table,
        "--no-trunc",
        "--format",
        "{{json .}}",
        image);
  }

  /** Docker 1.7 and 1.9 had other columns; what stands in them is the same. */
  @ParameterizedTest
  @EnumSource(names = {"DOCKER17_AUFS", "DOCKER19_AUFS", "DOCKER19_DEVICEMAPPER"})
  void oldRootsHaveTheImagesThatOldDockerListed(Fixture fixture) throws IOException {
    List<String> truth = new ArrayList<>();
    for (String line : Files.readAllLines(fixture.docker("images.txt"))) {
      List<String> words = Arrays.asList(line.trim().split(" {2,}", -1));
      if (!words.get(0).equals("REPOSITORY")) {
        truth.add(words.get(0) + " " + words.get(1) + " " + words.get(words.size() - 3));
      }
    }
    Said said =
        lamina(
            "images",
            "-a",
            "--no-trunc",
            "--root",
            fixture.dockerRoot().toString(),
            "--format",
            "{{.Repository}} {{.Tag}} {{.ID}}");
    assertThat(said.out.lines()).hasSameElementsAs(truth);
  }

  @ParameterizedTest
  @ValueSource(strings = {"base:latest", "app:1", "app:committed", "gone:1"})
  void oldRootsHaveTheHistoryThatOldDockerTold(String image) throws IOException {
    for (Fixture fixture :
        List.of(Fixture.DOCKER17_AUFS, Fixture.DOCKER19_AUFS, Fixture.DOCKER19_DEVICEMAPPER)) {
      List<String> truth = new ArrayList<>();
      for (String line :
          Files.readAllLines(fixture.docker("history-" + image.replace(':', '_') + ".txt"))) {
        truth.add(
            line.replaceAll(" (\\d+ seconds|About a minute) ago ", " ")
                .replaceAll(" (\\d+) (B|kB|MB) ", " $1$2 "));
      }
      Said said =
          lamina(
              "history",
              "--no-trunc",
              "--root",
              fixture.dockerRoot().toString(),
              image,
              "--format",
              "{{.ID}} {{.CreatedBy}}");
      assertThat(said.out.lines().map(DockerTablesTest::squeezed))
          .isEqualTo(
              truth.stream()
                  .skip(1)
                  .map(line -> squeezed(line.replaceAll(" {2,}[0-9.]+ ?(B|kB|MB)( .*)?$", "")))
                  .toList());
    }
  }

  private static String squeezed(String line) {
    return line.replaceAll(" +", " ").trim();
  }

  @Test
  void historyInBytesAndTimes() throws IOException {
    Said said =
        lamina(
            "history", "-H=false", "--root", Fixture.DOCKER_AUFS.dockerRoot().toString(), "base");
    assertThat(said.out.lines().skip(1)).singleElement().asString().contains(" 1985319 ");
    assertThat(said.out)
        .startsWith("IMAGE ")
        .contains("CREATED AT")
        .contains("2026-11-24T15:31:37");
  }

  @Test
  void idsAndCommandsAreShortenedAsDockerDoes() throws IOException {
    Said said = lamina("history", "--root", Fixture.DOCKER_AUFS.dockerRoot().toString(), "app:1");
    assertThat(said.out)
        .contains("\n4626f4ffa1e8 ")
        .contains("/bin/sh -c mkfifo /data/fifo && chown 1000:1\u2026 ");
    Said ps = lamina("ps", "-a", "--root", Fixture.DOCKER_AUFS.dockerRoot().toString());
    assertThat(ps.out).contains("22d03e7ea3b8   app:committed   \"/bin/sh -c 'rm /wri\u2026\"");
  }

  @Test
  void quietGivesIdsOnly() throws IOException {
    String root = Fixture.DOCKER_AUFS.dockerRoot().toString();
    assertThat(lamina("images", "-q", "--root", root, "base").out).isEqualTo("3f85df35c861\n");
    assertThat(lamina("history", "-q", "--root", root, "base").out).isEqualTo("3f85df35c861\n");
    assertThat(lamina("ps", "-aq", "--root", root).out.lines()).hasSize(4);
    assertThat(lamina("ps", "-q", "--root", root).out).isEmpty();
  }

  @Test
  void inspectPrintsAsDockerDoes() throws IOException {
    Path root = Fixture.DOCKER_AUFS.dockerRoot();
    Said said = lamina("inspect", "--root", root.toString(), "c3-never-started");
    String truth = Files.readString(Fixture.DOCKER_AUFS.docker("inspect-containers.json"));
    int start = truth.indexOf("    {\n        \"Id\": \"7965435593db");
    String one = truth.substring(start, truth.indexOf("\n    }", start));
    String network = one.substring(0, one.indexOf("\"GraphDriver\""));
    assertThat(said.out).startsWith("[\n" + network);
    assertThat(
            lamina("inspect", "--root", root.toString(), "-f", "{{.Id}} {{.Config.Cmd}}", "base")
                .out)
        .isEqualTo(
            "sha256:3f85df35c86196f02aa994b624296706b4c7b42efbd5ce89d7b104926057f6c4 [/bin/sh]\n");
  }

  @Test
  void whatIsNotThereIsSaidInDockersWords() throws IOException {
    String root = Fixture.DOCKER_AUFS.dockerRoot().toString();
    Said inspect = lamina("inspect", "--root", root, "nothing");
    assertThat(inspect.out).isEqualTo("[]\n");
    assertThat(inspect.err).isEqualTo("lamina: No such object: nothing\n");
    assertThat(inspect.exitCode).isEqualTo(1);
    Said history = lamina("history", "--root", root, "nothing");
    assertThat(history.err).isEqualTo("lamina: No such image: nothing\n");
    assertThat(history.exitCode).isEqualTo(1);
    assertThat(lamina("images", "--root", "/nowhere").err)
        .isEqualTo("lamina: /nowhere: no such directory\n");
    assertThat(lamina("images", "--root", root, "--format", "{{.Nothing}}").err)
        .startsWith("lamina: template: no field Nothing; there are [Repository, Tag, ");
    assertThat(lamina("images", "--root", root, "--format", "{{with .ID}}{{end}}").exitCode)
        .isEqualTo(2);
  }
}
