package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.fs.FsException;
import io.lamina.fs.Name;
import io.lamina.fs.Node;
import io.lamina.fs.virtual.VirtualOwner;
import io.lamina.fuse.Fuse;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PoolTreeTest {
  private static PoolTree tree(List<FakeVolume> volumes, boolean uniqueNumbers) {
    return new PoolTree(new FakePool(() -> "status\n"), volumes, VirtualOwner.ROOT, uniqueNumbers);
  }

  @Test
  void listingAThousandVolumesOpensNone() throws Exception {
    List<FakeVolume> volumes =
        IntStream.range(0, 1000).mapToObj(id -> new FakeVolume(id, new byte[512])).toList();
    try (PoolTree tree = tree(volumes, false);
        Fuse fuse = new Fuse(tree)) {
      assertThat(fuse.run("sh", "-c", "ls volumes | wc -l; ls devices | wc -l"))
          .isEqualTo("1000\n1000\n");
      assertThat(volumes)
          .allSatisfy(
              volume -> {
                assertThat(volume.openings).hasValue(0);
                assertThat(volume.sizings).hasValue(0);
              });
      assertThat(fuse.run("cat", "volumes/v7/file", "volumes/v7/file"))
          .isEqualTo("content\ncontent\n");
      assertThat(volumes.get(7).openings).hasValue(1);
      assertThat(volumes.get(8).openings).hasValue(0);
    }
  }

  @Test
  void aVolumeThatCannotBeOpenedSaysWhy() throws Exception {
    try (PoolTree tree = tree(List.of(new FakeVolume(-1, new byte[512])), false);
        Fuse fuse = new Fuse(tree)) {
      assertThat(fuse.run("ls", "-A", "volumes/v-1")).isEqualTo(".lamina-error\n");
      assertThat(fuse.run("cat", "volumes/v-1/.lamina-error"))
          .isEqualTo("volume v-1: ext4 superblock at block 0: magic: expected 61267, found 0\n");
      assertThat(fuse.run("wc", "-c", "devices/v-1")).isEqualTo("512 devices/v-1\n");
    }
  }

  @Test
  void aRawDeviceReadsAsItIsToItsLastByte() throws Exception {
    byte[] bytes = new byte[3_000_123];
    new Random(1).nextBytes(bytes);
    try (PoolTree tree = tree(List.of(new FakeVolume(1, bytes)), false);
        Fuse fuse = new Fuse(tree)) {
      String twoWays =
          "cat devices/v1 | sha256sum; dd bs=777 status=none if=devices/v1 | sha256sum";
      String[] sums = fuse.run("sh", "-c", twoWays).split("\n", 0);
      assertThat(sums[0]).isEqualTo(sums[1]).isEqualTo(sha256(bytes) + "  -");
    }
  }

  private static String sha256(byte[] bytes) throws IOException {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IOException(e);
    }
  }

  @Test
  void spaceIsThatOfTheVolumeOneStandsIn() throws Exception {
    try (PoolTree tree = tree(List.of(new FakeVolume(1, new byte[512])), false);
        Fuse fuse = new Fuse(tree)) {
      assertThat(fuse.run("stat", "-f", "-c", "%S %b", ".", "volumes/v1/file"))
          .isEqualTo("65536 10\n1024 5000\n");
    }
  }

  @Test
  void uniqueNumbersCarryTheDeviceIdAboveTheVolumesOwn() throws Exception {
    List<FakeVolume> volumes = List.of(new FakeVolume(5, new byte[512]));
    String own;
    try (PoolTree tree = tree(volumes, false);
        Fuse fuse = new Fuse(tree)) {
      own = fuse.run("stat", "-c", "%i", "volumes/v5/file");
    }
    try (PoolTree tree = tree(volumes, true);
        Fuse fuse = new Fuse(tree)) {
      long unique = Long.parseLong(fuse.run("stat", "-c", "%i", "volumes/v5/file").strip());
      assertThat(unique >>> 32).isEqualTo(5);
      assertThat(Long.parseLong(own.strip()) >>> 32).isEqualTo(0);
    }
  }

  @Test
  void statusIsReadAnewEachTime() throws Exception {
    int[] reads = new int[1];
    PoolTree counting =
        new PoolTree(
            new FakePool(() -> "read " + reads[0]++ + "\n"), List.of(), VirtualOwner.ROOT, false);
    try (counting;
        Fuse fuse = new Fuse(counting)) {
      assertThat(fuse.run("cat", "status")).isNotEqualTo(fuse.run("cat", "status"));
    }
  }

  @Test
  void volumesComeAndGoWhileTheTreeIsShown() throws IOException {
    FakeVolume kept = new FakeVolume(1, FakeVolume.CONTENT);
    try (PoolTree tree =
        new PoolTree(
            new FakePool(() -> "status\n"),
            List.of(kept, new FakeVolume(2, FakeVolume.CONTENT)),
            VirtualOwner.ROOT,
            false)) {
      List<String> changed = new ArrayList<>();
      tree.listen((directory, name) -> changed.add(name.toString()));
      Node volumes = child(tree.root(), "volumes");
      Node files = child(volumes, "v1");
      tree.show(List.of(kept, new FakeVolume(3, FakeVolume.CONTENT)));
      assertThat(changed).containsExactlyInAnyOrder("v2", "v2", "v3", "v3");
      assertThat(volumes.child(Name.of("v2"))).isNull();
      assertThat(child(child(tree.root(), "devices"), "v3").attributes().size()).isPositive();
      assertThat(child(volumes, "v1")).isEqualTo(files);
      assertThat(kept.openings).hasValue(1);
    }
  }

  @Test
  void theFilesOfAVolumeThatIsShownNoMoreAreClosed() throws IOException {
    FakeVolume kept = new FakeVolume(1, FakeVolume.CONTENT);
    FakeVolume gone = new FakeVolume(2, FakeVolume.CONTENT);
    try (PoolTree tree = tree(List.of(kept, gone), false)) {
      Node volumes = child(tree.root(), "volumes");
      Node file = child(child(volumes, "v2"), "file");
      assertThat(child(volumes, "v1").attributes().isDirectory()).isTrue();
      tree.show(List.of(kept));
      assertThat(gone.closings).hasValue(1);
      assertThat(kept.closings).hasValue(0);
      assertThatThrownBy(file::open).isInstanceOf(FsException.class);
    }
    assertThat(kept.closings).hasValue(1);
    assertThat(gone.closings).hasValue(1);
  }

  private static Node child(Node directory, String name) throws IOException {
    Node found = directory.child(Name.of(name));
    assertThat(found).isNotNull();
    return found;
  }
}
