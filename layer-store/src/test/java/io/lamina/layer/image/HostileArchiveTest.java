package io.lamina.layer.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.lamina.fs.Name;
import io.lamina.fs.Timestamp;
import io.lamina.graph.Id;
import io.lamina.layer.archive.ArchiveException;
import io.lamina.layer.archive.Member;
import io.lamina.layer.archive.TarWriter;
import io.lamina.ondisk.UnsupportedException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of images that mean harm or are damaged: refused in one line that names the entry. */
class HostileArchiveTest {
  private static final String EMPTY_LAYER = "\0".repeat(1024);
  private static final String EMPTY_DIFF_ID =
      "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
  private static final String CONFIG =
      "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
          + EMPTY_DIFF_ID
          + "\"]}}";

  @TempDir Path scratch;

  private static Member file(String name, String content) {
    return Member.file(Name.of(name), 0100644, Timestamp.EPOCH, content.length());
  }

  private static Member link(String name, String target) {
    return Member.symlink(Name.of(name), Name.of(target), 0120777, Timestamp.EPOCH);
  }

  /** A tar of files: names and contents in turn; a content of {@code -> x} makes a link to x. */
  private static byte[] tar(String... namesAndContents) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarWriter tar = new TarWriter(out)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        String name = namesAndContents[i];
        String content = namesAndContents[i + 1];
        if (content.startsWith("-> ")) {
          tar.begin(link(name, content.substring(3)));
        } else {
          tar.begin(file(name, content));
          byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
          tar.write(bytes, 0, bytes.length);
        }
      }
    }
    return out.toByteArray();
  }

  private ArchiveFiles open(byte[] archive) throws IOException {
    return ImageArchive.open(new ByteArrayInputStream(archive), scratch);
  }

  private List<ArchivedImage> docker(String... namesAndContents) throws IOException {
    try (ArchiveFiles files = open(tar(namesAndContents))) {
      return DockerArchive.images(files);
    }
  }

  private static String manifest(String config, String... layers) {
    return "[{\"Config\":\""
        + config
        + "\",\"RepoTags\":[\"app:1\"],\"Layers\":"
        + Arrays.stream(layers).map(layer -> "\"" + layer + "\"").toList()
        + "}]";
  }

  private static void refuses(ThrowingCallable opening, String... parts) {
    assertThatThrownBy(opening)
        .isInstanceOf(IOException.class)
        .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "../manifest.json, leads out",
    "/etc/passwd, its name is absolute",
    "a/../../b, leads out"
  })
  void aNameThatLeadsOutIsRefused(String name, String problem) throws IOException {
    byte[] archive = tar(name, "x");
    refuses(() -> open(archive), "entry " + name, problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../layer.tar", "/etc/passwd", "../x/../../../y"})
  void aLinkThatLeadsOutIsRefused(String target) throws IOException {
    byte[] archive = tar("a/layer.tar", "-> " + target);
    refuses(() -> open(archive), "entry a/layer.tar", "leads out");
  }

  @Test
  void aNameThatComesTwiceIsRefused() throws IOException {
    byte[] archive = tar("manifest.json", "[]", "./manifest.json", "[]");
    refuses(() -> open(archive), "entry ./manifest.json", "twice");
  }

  @Test
  void linksInACircleAreRefused() {
    refuses(
        () -> docker("manifest.json", manifest("c"), "c", "-> d", "d", "-> c"),
        "entry c",
        "circle");
  }

  @Test
  void whatIsNoArchiveOfImagesIsSaidToBeNone() throws IOException {
    try (ArchiveFiles files = open(tar("etc/passwd", "root"))) {
      assertThat(DockerArchive.isIn(files)).isFalse();
      assertThat(OciLayout.isIn(files)).isFalse();
      assertThat(LegacyArchive.isIn(files)).isFalse();
    }
    refuses(() -> open("no tar at all".repeat(100).getBytes(StandardCharsets.UTF_8)), "not a tar");
  }

  @Test
  void aMissingLayerIsNamed() {
    refuses(
        () -> docker("manifest.json", manifest("c", "l/layer.tar"), "c", CONFIG),
        "app:1",
        "l/layer.tar is not in the archive");
  }

  @Test
  void aRecordWithOtherLayersThanTheListIsRefused() {
    refuses(
        () -> docker("manifest.json", manifest("c"), "c", CONFIG),
        "app:1: its record names 1 layers, the archive 0");
  }

  @Test
  void aRecordThatIsNotTheOneOfItsNameIsRefused() {
    String name = "0".repeat(64) + ".json";
    refuses(
        () -> docker("manifest.json", manifest(name, "l"), name, CONFIG, "l", EMPTY_LAYER),
        name,
        "digest: expected its name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[",
        "null",
        "[null]",
        "[{}]",
        "[{\"Config\":1}]",
        "[{\"Config\":\"../c\"}]"
      })
  void aListThatBreaksItsFormatIsRefused(String manifest) {
    refuses(() -> docker("manifest.json", manifest), ":");
  }

  @Test
  void anImageForAnotherSystemIsNotTaken() {
    String windows = CONFIG.replace("linux", "windows");
    assertThatThrownBy(
            () -> docker("manifest.json", manifest("c", "l"), "c", windows, "l", EMPTY_LAYER))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("windows");
  }

  /** Later nobody could list it, or make a container of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'created':'yesterday'",
        "'history':[{'created':'yesterday'}]",
        "'history':[{'created_by':5}]",
        "'architecture':[]",
        "'config':{'Env':'PATH=/bin'}",
        "'config':[]"
      })
  void aRecordThatNobodyCanReadLaterIsRefused(String field) {
    String config = CONFIG.replace("{\"os\"", "{" + field.replace('\'', '"') + ",\"os\"");
    refuses(
        () -> docker("manifest.json", manifest("c", "l"), "c", config, "l", EMPTY_LAYER),
        "app:1",
        "expected");
  }

  private static String descriptor(String content, long size) {
    return "{\"mediaType\":\"x\",\"digest\":\"" + digest(content) + "\",\"size\":" + size + "}";
  }

  private static Id digest(String content) {
    return Id.digestOf(content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String blob(String content) {
    return "blobs/sha256/" + digest(content).hex();
  }

  private List<ArchivedImage> oci(String manifest, String... more) throws IOException {
    String index = "{\"manifests\":[" + descriptor(manifest, manifest.length()) + "]}";
    String[] all = Arrays.copyOf(more, more.length + 6);
    List<String> own = List.of("oci-layout", "{}", "index.json", index, blob(manifest), manifest);
    for (int i = 0; i < own.size(); i++) {
      all[more.length + i] = own.get(i);
    }
    try (ArchiveFiles files = open(tar(all))) {
      return OciLayout.images(files);
    }
  }

  private static String ociManifest(long configSize, long layerSize) {
    return "{\"config\":"
        + descriptor(CONFIG, configSize)
        + ",\"layers\":["
        + descriptor(EMPTY_LAYER, layerSize)
        + "]}";
  }

  @Test
  void aSoundLayoutIsRead() throws IOException {
    List<ArchivedImage> images =
        oci(
            ociManifest(CONFIG.length(), 1024),
            blob(CONFIG),
            CONFIG,
            blob(EMPTY_LAYER),
            EMPTY_LAYER);
    assertThat(images).hasSize(1);
    assertThat(images.get(0).config().id()).isEqualTo(digest(CONFIG));
  }

  @Test
  void aBlobThatIsNotItsDigestIsRefused() {
    String other = CONFIG.replace("linux", "LINUX");
    refuses(
        () ->
            oci(
                ociManifest(CONFIG.length(), 1024),
                blob(CONFIG),
                other,
                blob(EMPTY_LAYER),
                EMPTY_LAYER),
        blob(CONFIG),
        "digest: expected its name, found " + digest(other));
  }

  @Test
  void aBlobOfAnotherSizeIsRefused() {
    refuses(
        () ->
            oci(
                ociManifest(CONFIG.length(), 1023),
                blob(CONFIG),
                CONFIG,
                blob(EMPTY_LAYER),
                EMPTY_LAYER),
        blob(EMPTY_LAYER),
        "size: expected 1023 bytes, found 1024");
  }

  @Test
  void aRecordOfEndlessLengthIsRefused() {
    refuses(
        () -> docker("manifest.json", " ".repeat(9 << 20)), "manifest.json: too long for a record");
  }

  @Test
  void imagesThatWereMadeFromEachOtherAreRefused() throws IOException {
    String a = "a".repeat(64);
    String b = "b".repeat(64);
    byte[] archive =
        tar(
            a + "/json",
            "{\"parent\":\"" + b + "\"}",
            a + "/layer.tar",
            EMPTY_LAYER,
            b + "/json",
            "{\"parent\":\"" + a + "\"}",
            b + "/layer.tar",
            EMPTY_LAYER);
    try (ArchiveFiles files = open(archive)) {
      refuses(() -> LegacyArchive.steps(files), "was made from itself");
    }
  }

  @Test
  void aMissingParentIsNamed() throws IOException {
    String a = "a".repeat(64);
    String b = "b".repeat(64);
    byte[] archive = tar(a + "/json", "{\"parent\":\"" + b + "\"}", a + "/layer.tar", EMPTY_LAYER);
    try (ArchiveFiles files = open(archive)) {
      refuses(() -> LegacyArchive.steps(files), "image " + b, b + "/json is not in the archive");
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] read(byte[] stored, Id digest) throws IOException {
    ArchiveFile file =
        new ArchiveFile() {
          @Override
          public long size() {
            return stored.length;
          }

          @Override
          public InputStream open() {
            return new ByteArrayInputStream(stored);
          }
        };
    try (LayerInput in = LayerInput.open(file, digest, "layer", ImageProgress.NONE)) {
      return in.readAllBytes();
    }
  }

  @Test
  void layersArePlainOrCompressed() throws IOException {
    byte[] layer = EMPTY_LAYER.getBytes(StandardCharsets.ISO_8859_1);
    for (byte[] stored : List.of(layer, gzip(layer), Zstd.compress(layer))) {
      assertThat(read(stored, Id.digestOf(stored))).isEqualTo(layer);
      refuses(() -> read(stored, digest("other")), "layer: digest: expected", "found");
    }
    byte[] twoParts = Arrays.copyOf(gzip(layer), gzip(layer).length * 2);
    System.arraycopy(gzip(layer), 0, twoParts, twoParts.length / 2, twoParts.length / 2);
    assertThat(read(twoParts, Id.digestOf(twoParts))).hasSize(2 * layer.length);
  }

  @Test
  void whatIsCutOffOrSpoiltIsSaid() throws IOException {
    byte[] layer = "a layer of some length".repeat(1000).getBytes(StandardCharsets.ISO_8859_1);
    for (byte[] stored : List.of(gzip(layer), Zstd.compress(layer))) {
      byte[] cut = Arrays.copyOf(stored, stored.length - 9);
      assertThatThrownBy(() -> read(cut, Id.digestOf(cut))).isInstanceOf(ArchiveException.class);
      byte[] spoilt = stored.clone();
      spoilt[stored.length / 2] ^= 0x55;
      assertThatThrownBy(() -> read(spoilt, Id.digestOf(stored)))
          .isInstanceOf(ArchiveException.class);
    }
    assertThatThrownBy(() -> read("BZh91AY".getBytes(StandardCharsets.US_ASCII), digest("")))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("bzip2");
  }

  @Test
  void aDirectoryGivesNothingThatLiesOutsideOfIt() throws IOException {
    Path outside = Files.writeString(scratch.resolve("secret"), "x");
    Path directory = Files.createDirectory(scratch.resolve("layout"));
    Files.createSymbolicLink(directory.resolve("index.json"), outside);
    Files.writeString(directory.resolve("oci-layout"), "{}");
    try (ArchiveFiles files = ImageArchive.open(directory, scratch)) {
      assertThat(files.has("oci-layout")).isTrue();
      assertThat(files.has("index.json")).isFalse();
      assertThatThrownBy(() -> files.has("../secret")).isInstanceOf(ArchiveException.class);
    }
  }
}
