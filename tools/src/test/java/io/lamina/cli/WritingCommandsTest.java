package io.lamina.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WritingCommandsTest {
  private static final int BLOCK_BYTES = 64 << 10;

  @TempDir Path temp;
  private String pool = "";

  @BeforeEach
  void makePool() throws IOException {
    pool = temp.resolve("pool").toString();
    done("pool", "create", pool, "--data-size", "12G");
  }

  @AfterEach
  void thinCheckFindsNothing() throws Exception {
    Assumptions.assumeTrue(has("thin_check"), "needs thin_check");
    assertThat(run("thin_check", pool + "/metadata")).isZero();
  }

  private static CommandRun lamina(String... args) throws IOException {
    return CommandRun.of(args);
  }

  private static CommandRun done(String... args) throws IOException {
    return lamina(args).requireDone();
  }

  private static void refused(String reason, String... args) throws IOException {
    lamina(args).requireRefused(reason);
  }

  private static boolean has(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
    return Arrays.stream(path.split(":", -1))
        .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
  }

  private int run(String... command) throws Exception {
    File log = temp.resolve("log").toFile();
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(log)
        .start()
        .waitFor();
  }

  private Path image(byte[] content) throws IOException {
    return Files.write(temp.resolve("image"), content);
  }

  private byte[] exported(String name) throws IOException {
    return done("volume", "export", pool, name, "-").bytes();
  }

  private static byte[] random(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void anEmptyExt4VolumeOfTenGibibytesTakesAFewMebibytes() throws Exception {
    Assumptions.assumeTrue(has("mkfs.ext4") && has("e2fsck"), "needs e2fsprogs");
    done("volume", "create", pool, "web", "--size", "10G", "--fs", "ext4");
    String list = done("volume", "ls", pool).out();
    assertThat(list).containsPattern("1 +web +10.0 GiB .* ext4");
    long blocks;
    try (var opened =
        io.lamina.thin.ThinPool.open(
            io.lamina.source.PoolSource.directory(Path.of(pool)),
            io.lamina.thin.PoolOptions.DEFAULT)) {
      blocks = opened.volumes().get(0).mappedBlocks();
    }
    assertThat(blocks * BLOCK_BYTES).isLessThan(16L << 20);
    String out = temp.resolve("web.img").toString();
    done("volume", "export", pool, "web", out);
    assertThat(Path.of(out)).hasSize(10L << 30);
    assertThat(run("e2fsck", "-fn", out)).isZero();
    assertThat(done("ls", pool + ":web/").out()).contains("lost+found");
  }

  @Test
  void imagesComeBackAsTheyWentIn() throws IOException {
    byte[] content = new byte[40 * BLOCK_BYTES + 512];
    System.arraycopy(random(1, 3 * BLOCK_BYTES), 0, content, 5 * BLOCK_BYTES + 77, 3 * BLOCK_BYTES);
    content[content.length - 1] = 9;
    done("volume", "import", pool, "file", image(content).toString());
    assertThat(exported("file")).isEqualTo(content);
    InputStream before = System.in;
    try {
      System.setIn(new ByteArrayInputStream(content));
      done("volume", "import", pool, "pipe", "-", "--size", "8M");
    } finally {
      System.setIn(before);
    }
    assertThat(exported("pipe")).isEqualTo(Arrays.copyOf(content, 8 << 20));
    assertThat(done("volume", "ls", "--json", pool).out())
        .contains("\"mapped_bytes\" : " + 5 * BLOCK_BYTES);
  }

  @Test
  void holesOfAnImageAreNotMapped() throws IOException {
    Path image = temp.resolve("sparse");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(8L << 30);
      file.seek(5L << 30);
      file.write(random(2, 100));
    }
    done("volume", "import", pool, "sparse", image.toString());
    assertThat(done("volume", "ls", "--json", pool).out())
        .contains("\"mapped_bytes\" : " + BLOCK_BYTES)
        .contains("\"virtual_bytes\" : " + (8L << 30));
  }

  @Test
  void snapshotsAreRenamedDiscardedAndDeleted() throws IOException {
    byte[] content = random(3, 10 * BLOCK_BYTES);
    done("volume", "import", pool, "web", image(content).toString());
    done("volume", "snapshot", pool, "web", "monday");
    done("volume", "discard", pool, "web", "--offset", "64K", "--length", "128K");
    Arrays.fill(content, BLOCK_BYTES, 3 * BLOCK_BYTES, (byte) 0);
    assertThat(exported("web")).isEqualTo(content);
    assertThat(exported("monday")).isEqualTo(random(3, 10 * BLOCK_BYTES));
    done("volume", "rename", pool, "monday", "tuesday");
    refused("no volume monday", "volume", "rm", pool, "monday");
    done("volume", "rm", pool, "web");
    assertThat(exported("tuesday")).isEqualTo(random(3, 10 * BLOCK_BYTES));
    done("volume", "rm", pool, "tuesday");
    assertThat(done("volume", "ls", pool).out().lines()).hasSize(1);
    assertThat(VolumeRecords.of(Path.of(pool)).all()).isEmpty();
    assertThat(done("pool", "status", "--json", pool).out()).contains("\"data_blocks_used\" : 0");
  }

  @Test
  void whatShrinkingThrewAwayDoesNotComeBack() throws IOException {
    byte[] content = random(4, 3 * BLOCK_BYTES);
    done("volume", "import", pool, "web", image(content).toString());
    refused("less than it has", "volume", "resize", pool, "web", "--size", "100K");
    done("volume", "resize", pool, "web", "--size", "100K", "--force");
    assertThat(exported("web")).isEqualTo(Arrays.copyOf(content, 100 << 10));
    done("volume", "resize", pool, "web", "--size", "1M");
    assertThat(exported("web"))
        .isEqualTo(Arrays.copyOf(Arrays.copyOf(content, 100 << 10), 1 << 20));
  }

  @Test
  void discardsThatAreNotPassedDownFreeThePoolsSpaceOnly() throws IOException {
    done("volume", "import", pool, "web", image(random(6, 4 * BLOCK_BYTES)).toString());
    done("volume", "discard", pool, "web", "--length", "128K", "--discard", "ignore");
    assertThat(done("pool", "status", "--json", pool).out()).contains("\"data_blocks_used\" : 4");
    done("volume", "discard", pool, "web", "--length", "128K", "--discard", "nopassdown");
    assertThat(done("pool", "status", "--json", pool).out()).contains("\"data_blocks_used\" : 2");
    assertThat(lamina("volume", "rm", pool, "web", "--discard", "x").exitCode()).isEqualTo(2);
    assertThat(lamina("volume", "rm", pool, "web", "--low-water", "-1").exitCode()).isEqualTo(2);
  }

  @Test
  void volumesAreComparedByNameOrById() throws IOException {
    done("volume", "import", pool, "web", image(random(7, BLOCK_BYTES)).toString());
    done("volume", "snapshot", pool, "web", "monday");
    String byName = done("volume", "diff", pool, "web", "monday").out();
    assertThat(byName).contains("<same").isEqualTo(done("volume", "diff", pool, "1", "2").out());
    refused("no volume friday", "volume", "diff", pool, "web", "friday");
  }

  @Test
  void aCreationThatWasCutOffIsRolledBack() throws IOException {
    done("volume", "create", pool, "kept", "--size", "1M");
    VolumeRecords.of(Path.of(pool)).put(new VolumeRecord("half", 2, 1 << 20, 2, false, false));
    done("volume", "create", pool, "next", "--size", "1M");
    assertThat(VolumeRecords.of(Path.of(pool)).byName()).containsOnlyKeys("kept", "next");
    // The device was made too, and the pool's transaction id was not: next's goes one further on.
    VolumeRecord next = VolumeRecords.of(Path.of(pool)).byName().get("next");
    assertThat(next.transactionId()).isEqualTo(2);
    try (var opened =
        io.lamina.thin.WritablePool.open(
            io.lamina.source.PoolSource.directory(Path.of(pool)),
            io.lamina.thin.PoolOptions.DEFAULT,
            io.lamina.thin.WriteOptions.DEFAULT)) {
      opened.createThin(3);
    }
    VolumeRecords.of(Path.of(pool)).put(new VolumeRecord("half", 3, 1 << 20, 3, false, false));
    done("volume", "rename", pool, "next", "last");
    assertThat(done("volume", "ls", pool).out().lines()).hasSize(3);
  }

  @Test
  void aDeletionThatWasCutOffIsFinished() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    done("volume", "create", pool, "other", "--size", "1M");
    VolumeRecords records = VolumeRecords.of(Path.of(pool));
    records.put(records.byName().get("web").withDeletionBegun());
    done("volume", "rename", pool, "other", "last");
    assertThat(done("volume", "ls", pool).out().lines()).hasSize(2);
    assertThat(VolumeRecords.of(Path.of(pool)).byName()).containsOnlyKeys("last");
  }

  @Test
  void aRecordFromThePoolsFutureDeletesNothing() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    VolumeRecords records = VolumeRecords.of(Path.of(pool));
    for (long transactionId : List.of(2L, 9L)) {
      records.put(new VolumeRecord("web", 1, 1 << 20, transactionId, false, false));
      refused("older than its records", "volume", "create", pool, "x", "--size", "1M");
    }
    records.put(new VolumeRecord("web", 1, 1 << 20, 1, false, false));
    assertThat(exported("web")).hasSize(1 << 20);
  }

  @Test
  void anImportThatFailsLeavesNothing() throws IOException {
    refused("no such file", "volume", "import", pool, "web", temp + "/none");
    refused(
        "more than --size",
        "volume",
        "import",
        pool,
        "web",
        image(random(5, 1 << 20)).toString(),
        "--size",
        "512K");
    assertThat(done("volume", "ls", pool).out().lines()).hasSize(1);
    assertThat(VolumeRecords.of(Path.of(pool)).all()).isEmpty();
  }

  @Test
  void hostileRecordsAreOneLine() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    Path volumes = Path.of(pool, "volumes");
    String good = Files.readString(volumes.resolve("web.json"));
    for (String bad :
        new String[] {
          "",
          "{",
          "[]",
          "null",
          "{}",
          "{\"device_id\": 1e3}",
          good + good,
          "[".repeat(9000),
          good.replace("1048576", "-1"),
          good.replace("\"size\"", "\"device_id\""),
          good.replace("1048576", "99999999999999999999"),
          good,
          "\0"
        }) {
      Files.writeString(volumes.resolve("x.json"), bad);
      refused("x.json", "volume", "ls", pool);
      refused("x.json", "volume", "rm", pool, "web");
    }
    Files.writeString(volumes.resolve("x.json"), good);
    refused("device_id 1 is that of volume", "volume", "ls", pool);
    Files.delete(volumes.resolve("x.json"));
    for (String name : new String[] {"a/b", "..", "-x", "", "7", "a\nb", "a:b"}) {
      CommandRun result = lamina("volume", "create", pool, "--size", "1M", "--", name);
      assertThat(result.exitCode()).as(name).isEqualTo(3);
      assertThat(result.err()).contains("is no name for a volume").hasLineCount(1);
    }
  }

  @Test
  void aPoolInUseIsRefusedWithWhoHasIt() throws Exception {
    try (FileChannel metadata =
            FileChannel.open(Path.of(pool, "metadata"), StandardOpenOption.WRITE);
        var lock = metadata.lock()) {
      assertThat(lock.isValid()).isTrue();
      refused("already open for writing", "volume", "create", pool, "web", "--size", "1M");
      refused("already open for writing", "pool", "create", pool, "--data-size", "1G", "--force");
    }
  }

  @Test
  void whatIsThereIsNotOverwritten() throws IOException {
    done("volume", "create", pool, "web", "--size", "1M");
    refused("is not empty", "pool", "create", pool, "--data-size", "1G");
    refused("exists already", "volume", "create", pool, "web", "--size", "1M");
    Path out = Files.writeString(temp.resolve("out"), "precious");
    refused("exists already", "volume", "export", pool, "web", out.toString());
    assertThat(out).hasContent("precious");
    done("pool", "create", pool, "--data-size", "1G", "--force", "--block-size", "128K");
    assertThat(done("volume", "ls", pool).out().lines()).hasSize(1);
  }

  @Test
  void wrongUsageIsExitCodeTwo() throws IOException {
    for (String[] command :
        new String[][] {
          {"pool", "create", "x"},
          {"pool", "create", "x", "--data-size", "1G", "--block-size", "65K"},
          {"volume", "create", pool, "x", "--size", "10Q"},
          {"volume", "create", pool, "x", "--size", "1M", "--fs", "ntfs"},
          {"volume", "create", pool, "x", "--size", "1000"}
        }) {
      assertThat(lamina(command).exitCode()).as(String.join(" ", command)).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "--skip-block-zeroing"})
  void blocksLargerThanWhatIsCopiedAtOnceHoldTheImageAndNothingOlder(String option)
      throws IOException {
    pool = temp.resolve("large").toString();
    done("pool", "create", pool, "--data-size", "20M", "--block-size", "5M");
    byte[] old = new byte[20 << 20];
    Arrays.fill(old, (byte) 0xff);
    Files.write(Path.of(pool, "data"), old, StandardOpenOption.WRITE);
    byte[] content = new byte[12 << 20];
    new Random(5).nextBytes(content);
    Arrays.fill(content, 200, (5 << 20) - 9, (byte) 0);
    Arrays.fill(content, (5 << 20) + 1, 11 << 20, (byte) 0);
    List<String> command =
        new ArrayList<>(List.of("volume", "import", pool, "v", image(content).toString()));
    if (!option.equals("-")) {
      command.add(option);
    }
    done(command.toArray(String[]::new));
    assertThat(exported("v")).isEqualTo(content);
  }

  @Test
  void aVolumeIsMadeWhereABlockIsLargerThanTheHeap() throws IOException {
    pool = temp.resolve("huge").toString();
    done("pool", "create", pool, "--data-size", "2G", "--block-size", "1G");
    Path image = Files.createFile(temp.resolve("sparse"));
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(2L << 30);
    }
    done("volume", "import", pool, "v", image.toString());
    assertThat(done("volume", "ls", pool).out()).contains("2.0 GiB");
  }
}
