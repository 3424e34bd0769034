package io.lamina.layer.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.host.HostTree;
import io.lamina.graph.DockerStore;
import io.lamina.graph.LayerRecord;
import io.lamina.graph.tarsplit.TarSplitReader;
import io.lamina.images.Fixture;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Docker's own tars, in and out. */
class LayerTarTest {
  @ParameterizedTest
  @EnumSource(names = {"DOCKER17_AUFS", "DOCKER_AUFS", "DOCKER_OVERLAY2", "DOCKER_DEVICEMAPPER"})
  void whatDockerWroteIsWrittenTheSameToTheByte(Fixture fixture) throws Exception {
    byte[] saved = Files.readAllBytes(fixture.docker("save.tar"));
    assertThat(Arrays.mismatch(rewritten(saved), saved)).isEqualTo(-1);
    for (Map.Entry<String, byte[]> layer : layers(saved).entrySet()) {
      byte[] tar = layer.getValue();
      // The lowest layer was imported: GNU tar wrote it, from a "./" on. Docker's layer without a
      // file is two blocks of zeroes.
      if (tar[0] != '.') {
        assertThat(Arrays.mismatch(rewritten(tar), tar)).as(layer.getKey()).isEqualTo(-1);
      }
    }
  }

  @Test
  void theTarOfALayerComesOutOfADockerRootWithItsOwnDigest() throws Exception {
    DockerStore store = DockerStore.open(Fixture.DOCKER_AUFS.dockerRoot());
    assertThat(store.layers()).isNotEmpty();
    for (LayerRecord layer : store.layers()) {
      byte[] tar = assembled(store.root().resolve("aufs/diff").resolve(layer.driverId()), layer);
      assertThat(digest(tar)).as(layer.driverId()).isEqualTo(String.valueOf(layer.diffId()));
    }
  }

  @Test
  void aLayerThatWasTakenInGivesTheSameTarAgain(@TempDir Path scratch) throws Exception {
    assumeTrue(isRoot(), "owners and device nodes can be made by root only");
    for (Map.Entry<String, byte[]> layer :
        layers(Files.readAllBytes(Fixture.DOCKER_AUFS.docker("save.tar"))).entrySet()) {
      Path files = Files.createDirectories(scratch.resolve(layer.getKey()).resolve("files"));
      ByteArrayOutputStream split = new ByteArrayOutputStream();
      try (HostTree tree = HostTree.open(files, true)) {
        String diffId =
            LayerIntake.take(
                new ByteArrayInputStream(layer.getValue()),
                new LayerApply(tree, tree.root(), LayerApply.WhiteoutUse.KEEP),
                split);
        assertThat(diffId).isEqualTo(digest(layer.getValue()));
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        try (TarSplitReader pieces =
            new TarSplitReader(new ByteArrayInputStream(split.toByteArray()))) {
          new SplitTar(tree.root()).writeTo(pieces, again);
        }
        assertThat(Arrays.mismatch(again.toByteArray(), layer.getValue()))
            .as(layer.getKey())
            .isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"export-c1.tar", "export-c2.tar", "export-c4.tar"})
  void anUnpackedTreeIsExportedAsDockerExportedIt(String name, @TempDir Path scratch)
      throws Exception {
    assumeTrue(isRoot(), "owners and device nodes can be made by root only");
    byte[] exported = Files.readAllBytes(Fixture.DOCKER_AUFS.docker(name));
    try (HostTree tree = HostTree.open(scratch, true)) {
      new LayerApply(tree, tree.root(), LayerApply.WhiteoutUse.OBEY)
          .apply(new TarReader(new ByteArrayInputStream(exported)));
      ByteArrayOutputStream again = new ByteArrayOutputStream();
      try (TarWriter tar = new TarWriter(again)) {
        new TreeTar(tar).writeBelow(tree.root());
      }
      assertThat(Arrays.mismatch(again.toByteArray(), exported)).isEqualTo(-1);
    }
  }

  private static byte[] assembled(Path files, LayerRecord layer) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try (HostTree tree = HostTree.open(files, false);
        InputStream kept = Files.newInputStream(layer.tarSplit().orElseThrow());
        TarSplitReader pieces = new TarSplitReader(kept)) {
      new SplitTar(tree.root()).writeTo(pieces, tar);
    }
    return tar.toByteArray();
  }

  private static byte[] rewritten(byte[] tar) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarReader reader = new TarReader(new ByteArrayInputStream(tar));
    try (TarWriter writer = new TarWriter(out)) {
      byte[] piece = new byte[4096];
      for (Member member = reader.next(); member != null; member = reader.next()) {
        writer.begin(member);
        int count = reader.read(piece, 0, piece.length);
        while (count > 0) {
          writer.write(piece, 0, count);
          count = reader.read(piece, 0, piece.length);
        }
      }
    }
    return out.toByteArray();
  }

  private static Map<String, byte[]> layers(byte[] saved) throws IOException {
    Map<String, byte[]> layers = new LinkedHashMap<>();
    TarReader reader = new TarReader(new ByteArrayInputStream(saved));
    for (Member member = reader.next(); member != null; member = reader.next()) {
      if (member.name().latin1().endsWith("/layer.tar") && member.hasContent()) {
        byte[] content = new byte[(int) member.size()];
        int at = 0;
        int count = reader.read(content, 0, content.length);
        while (count > 0) {
          at += count;
          count = reader.read(content, at, content.length - at);
        }
        layers.put(member.name().latin1(), content);
      }
    }
    assertThat(layers).isNotEmpty();
    return layers;
  }

  private static String digest(byte[] bytes) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }
}
