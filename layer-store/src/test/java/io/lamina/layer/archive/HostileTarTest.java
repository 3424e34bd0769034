package io.lamina.layer.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import io.lamina.fs.host.HostTree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Archives that mean harm: refused by the name of the entry, nothing outside touched. */
class HostileTarTest {
  @TempDir Path scratch;

  private Path layer;

  @BeforeEach
  void makeALayerWithSomethingBesideIt() throws IOException {
    layer = Files.createDirectory(scratch.resolve("layer"));
    Files.createDirectory(scratch.resolve("outside"));
    Files.writeString(scratch.resolve("outside/file"), "precious");
  }

  @ParameterizedTest
  @CsvSource({
    "../outside/file, leads out of the layer",
    "a/../../outside/file, leads out of the layer",
    "/outside/file, its name is absolute",
    "a/.., leads out of the layer"
  })
  void anEntryThatClimbsOutIsRefused(String name, String problem) throws IOException {
    assertRefused(name, problem, tar(file(name)));
  }

  @Test
  void aSymbolicLinkInTheWayIsNotFollowed() throws IOException {
    assertRefused(
        "link/file",
        "a symbolic link is in the way",
        tar(symlink("link", "../outside"), file("link/file")));
  }

  @Test
  void aHardLinkToOutsideIsRefused() throws IOException {
    assertRefused("mine", "leads out of the layer", tar(hardLink("mine", "../outside/file")));
    assertRefused("mine", "which is not there", tar(hardLink("mine", "/outside/file")));
    assertRefused(
        "mine",
        "a symbolic link is in the way",
        tar(symlink("l", "../outside"), hardLink("mine", "l/file")));
  }

  @Test
  void aFileWrittenThroughALinkThatTheArchiveBroughtReplacesTheLink() throws IOException {
    apply(
        tar(symlink("link", "../outside/file"), member('0', "other", "", 0)),
        LayerApply.WhiteoutUse.OBEY);
    apply(tar(file("link")), LayerApply.WhiteoutUse.OBEY);
    assertThat(layer.resolve("link")).isRegularFile();
    assertThat(Files.readString(scratch.resolve("outside/file"))).isEqualTo("precious");
  }

  @Test
  void aNameThatComesTwiceIsRefused() throws IOException {
    assertRefused("a", "this name twice", tar(file("a"), file("./a")));
  }

  @Test
  void aDirectoryThatIsTakenAwayOnTheWayIsMadeAnew() throws IOException {
    apply(tar(file("d/one"), file("e/one")), LayerApply.WhiteoutUse.OBEY);
    apply(tar(file("e/.wh.none"), file(".wh.d"), file("d/two")), LayerApply.WhiteoutUse.OBEY);
    assertThat(layer.resolve("d").toFile().list()).containsExactly("two");
    assertThat(layer.resolve("e").toFile().list()).containsExactly("one");
  }

  @Test
  void aFileReplacesADirectoryOfTheLayerBelow() throws IOException {
    apply(tar(file("d/e/one"), file("d/two")), LayerApply.WhiteoutUse.OBEY);
    apply(tar(file("d/two"), file("d/e")), LayerApply.WhiteoutUse.OBEY);
    assertThat(layer.resolve("d/e")).isRegularFile();
    assertThat(layer.resolve("d/two")).isRegularFile();
  }

  @Test
  void aSizeThatTheTreeHasNoRoomForIsRefusedBeforeAByteIsWritten() throws IOException {
    PaxRecords pax = PaxRecords.of(new byte[0]);
    pax.put(PaxRecords.SIZE, 1L << 50);
    assertRefused("bomb", "claims 1125899906842624 bytes", withPax(pax, "bomb"));
    assertThat(layer.resolve("bomb")).isEmptyFile();
  }

  @Test
  void anArchiveThatIsCutOffIsRefused() throws IOException {
    assertRefused("", "cut off", Arrays.copyOf(tar(file("a")), 1000));
    assertRefused("", "cut off", Arrays.copyOf(tar(file("a")), 300));
  }

  @Test
  void anExtendedHeaderOfAGigabyteIsRefused() throws IOException {
    byte[] header =
        UstarHeader.create('x')
            .names(Name.of("pax"), Member.NONE)
            .numbers(0, 0, 0, 1 << 30, 0)
            .sealed();
    assertRefused("pax", "extended header of 1073741824 bytes", header);
  }

  @Test
  void aWhiteoutCannotNameTheDirectoryAbove() throws IOException {
    assertRefused(
        "d/.wh...", "leads out of the layer", tar(member('5', "d/", "", 0), file("d/.wh...")));
  }

  @ParameterizedTest
  @CsvSource({
    "KEEP, .wh., names nothing",
    "OBEY, .wh., names nothing",
    "KEEP, d/.wh.., names nothing",
    "OBEY, d/.wh.., names nothing",
    "KEEP, .wh..., leads out of the layer",
    "OBEY, .wh.a/b, lies in a whiteout"
  })
  void aWhiteoutOfNoNameIsRefused(LayerApply.WhiteoutUse use, String name, String problem)
      throws IOException {
    assertThatThrownBy(() -> apply(tar(file(name)), use))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining("entry " + name + ": ")
        .hasMessageContaining(problem);
  }

  @Test
  void whatTheTreeDoesNotTakeIsToldByTheNameOfTheEntry() throws IOException {
    assertRefused("entry long: ", "ENAMETOOLONG", tar(symlink("long", "t".repeat(4096))));
  }

  @Test
  void aMapOfHolesThatGoesBackIsRefused() throws IOException {
    PaxRecords pax = PaxRecords.of(new byte[0]);
    pax.put("GNU.sparse.map", Name.of("4096,10,0,10"));
    pax.put("GNU.sparse.size", 8192);
    assertRefused("s", "map of holes goes back", withPax(pax, "s"));
  }

  static Stream<Long> seeds() {
    return new Random(7).longs(Long.getLong("lamina.seeds", 300)).boxed();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void bytesThatWereSpoiltGiveALayerOrOneClearLine(long seed) throws IOException {
    Random random = new Random(seed);
    byte[] tar =
        tar(
            file("a"),
            member('5', "d/", "", 0),
            file("d/" + "n".repeat(150)),
            symlink("s", "d"),
            hardLink("h", "a"));
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      tar[random.nextInt(tar.length)] = (byte) random.nextInt();
    }
    try {
      apply(new ByteArrayInputStream(tar), LayerApply.WhiteoutUse.KEEP);
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("[^\\n]+");
    }
    assertThat(Files.readString(scratch.resolve("outside/file"))).isEqualTo("precious");
  }

  private void assertRefused(String name, String problem, byte[] tar) throws IOException {
    assertThatThrownBy(() -> apply(new ByteArrayInputStream(tar), LayerApply.WhiteoutUse.OBEY))
        .isInstanceOf(ArchiveException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(problem);
    assertThat(Files.readString(scratch.resolve("outside/file"))).isEqualTo("precious");
    try (Stream<Path> beside = Files.list(scratch)) {
      assertThat(beside).hasSize(2);
    }
  }

  private void apply(byte[] tar, LayerApply.WhiteoutUse whiteouts) throws IOException {
    apply(new ByteArrayInputStream(tar), whiteouts);
  }

  private void apply(InputStream tar, LayerApply.WhiteoutUse whiteouts) throws IOException {
    try (HostTree tree = HostTree.open(layer, true)) {
      new LayerApply(tree, tree.root(), whiteouts).apply(new TarReader(tar));
    }
  }

  private static byte[] withPax(PaxRecords pax, String name) throws IOException {
    byte[] records = pax.bytes();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(
        UstarHeader.create('x')
            .names(Name.of("p"), Member.NONE)
            .numbers(0, 0, 0, records.length, 0)
            .sealed());
    out.write(Arrays.copyOf(records, 512));
    out.write(
        UstarHeader.create('0')
            .names(Name.of(name), Member.NONE)
            .numbers(0644, 0, 0, 20, 0)
            .sealed());
    out.write(new byte[512 * 3]);
    return out.toByteArray();
  }

  private static byte[] tar(Member... members) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(out)) {
      for (Member member : members) {
        tar.begin(member);
        tar.write(
            "x".repeat((int) member.size()).getBytes(StandardCharsets.US_ASCII),
            0,
            (int) member.size());
      }
    }
    return out.toByteArray();
  }

  private static Member file(String name) throws IOException {
    return member('0', name, "", 700);
  }

  private static Member symlink(String name, String target) throws IOException {
    return member('2', name, target, 0);
  }

  private static Member hardLink(String name, String target) throws IOException {
    return member('1', name, target, 0);
  }

  private static Member member(char kind, String name, String target, long size)
      throws IOException {
    long user = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    long group = (int) Files.getAttribute(Path.of("/proc/self"), "unix:gid");
    return new Member(
        kind,
        Name.of(name),
        Name.of(target),
        0755,
        user,
        group,
        size,
        Timestamp.EPOCH,
        0,
        0,
        Member.NONE,
        Member.NONE,
        new TreeMap<>(),
        null);
  }
}
