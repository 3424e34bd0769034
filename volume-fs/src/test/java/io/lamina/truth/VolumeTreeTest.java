package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lamina.block.BlockDevice;
import io.lamina.fs.FileTree;
import io.lamina.images.Fixture;
import io.lamina.images.TrueDevice;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import io.lamina.volume.VolumeFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of every volume is what the kernel saw, in every field. */
class VolumeTreeTest {
  static Stream<Arguments> trees() throws IOException {
    List<Arguments> trees = new ArrayList<>();
    for (Fixture fixture : Fixture.values()) {
      if (!fixture.hasPool()) {
        continue;
      }
      for (TrueDevice device : fixture.truth().devices()) {
        if (device.manifestFile() != null) {
          trees.add(Arguments.of(fixture, device.id(), device.fileSystem()));
        }
      }
    }
    return trees.stream();
  }

  private static ThinPool open(Fixture fixture) throws IOException {
    Map<Integer, Path> origins = new HashMap<>();
    Path origin = fixture.directory().resolve("origin.img");
    if (Files.exists(origin)) {
      fixture.truth().devices().forEach(device -> origins.put(device.id(), origin));
    }
    return ThinPool.open(
        PoolSource.files(fixture.metadata(), fixture.data()), new PoolOptions(false, origins));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("trees")
  void isTheTreeThatTheKernelSaw(Fixture fixture, int id, String fileSystem) throws IOException {
    assumeFalse(fileSystem.equals("xfs"), "xfs is not supported yet");
    TrueDevice device = fixture.truth().device(id);
    try (ThinPool pool = open(fixture)) {
      BlockDevice volume = pool.volume(id).withSize(device.size());
      try (FileTree tree = VolumeFileSystem.open(volume)) {
        List<String> differences = device.manifest().differences(TreeManifest.of(tree.root()));
        assertThat(differences).as(differences.size() + " differences").isEmpty();
      }
    }
  }

  /** The comparison itself sees what changed between a volume and its snapshot. */
  @Test
  void aSnapshotIsNotItsOrigin() throws IOException {
    TrueDevice device = Fixture.KERNEL_THIN_BASIC.truth().device(0);
    try (ThinPool pool = open(Fixture.KERNEL_THIN_BASIC);
        FileTree snapshot = VolumeFileSystem.open(pool.volume(1).withSize(device.size()))) {
      assertThat(device.manifest().differences(TreeManifest.of(snapshot.root())))
          .anyMatch(difference -> difference.endsWith(": missing"))
          .anyMatch(difference -> difference.contains(": CONTENT: "));
    }
  }

  @Test
  void xfsIsRefusedByName() throws IOException {
    try (ThinPool pool = open(Fixture.KERNEL_THIN_BASIC)) {
      assertThatThrownBy(() -> VolumeFileSystem.open(pool.volume(4)))
          .isInstanceOf(UnsupportedException.class)
          .hasMessageContaining("xfs");
    }
  }
}
