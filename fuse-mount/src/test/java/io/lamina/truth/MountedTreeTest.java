package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.FileTree;
import io.lamina.fuse.Fuse;
import io.lamina.images.Fixture;
import io.lamina.images.HostManifest;
import io.lamina.images.Manifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.images.TrueDevice;
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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The host's own programs see in a mount what the kernel saw in the volume. */
class MountedTreeTest {
  /** Most of a docker device is in the next one too: a few tell. */
  private static final int DOCKER_STEP = Boolean.getBoolean("lamina.all") ? 1 : 6;

  private static final boolean IS_ROOT = System.getProperty("user.name").equals("root");

  @BeforeAll
  static void theHostCanMountAndLook() {
    Fuse.assumeWorks();
    String missing = HostManifest.missingProgram();
    assumeTrue(missing == null, () -> missing + " is not installed");
    if (!IS_ROOT) {
      System.out.println("not root: attributes of the namespace trusted are not compared");
    }
  }

  static Stream<Arguments> trees() throws IOException {
    List<Arguments> trees = new ArrayList<>();
    for (Fixture fixture : Fixture.values()) {
      if (fixture == Fixture.DAMAGED_METADATA) {
        continue;
      }
      List<TrueDevice> devices = fixture.truth().devices();
      int step = fixture.label().startsWith("docker") ? DOCKER_STEP : 1;
      for (int i = 0; i < devices.size(); i += step) {
        if (devices.get(i).fileSystem().equals("ext4")) {
          trees.add(Arguments.of(fixture, devices.get(i).id()));
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
  void showsWhatTheKernelSaw(Fixture fixture, int id) throws IOException {
    TrueDevice device = fixture.truth().device(id);
    try (ThinPool pool = open(fixture);
        FileTree tree = VolumeFileSystem.open(pool.volume(id).withSize(device.size()));
        Fuse mount = new Fuse(tree)) {
      Manifest seen = HostManifest.of(mount.directory);
      List<String> differences =
          device.manifest().differences(seen, MountedTreeTest::isVisibleHere);
      assertThat(differences).as(differences.size() + " differences").isEmpty();
    }
  }

  /** lsattr prints a line a file, so a name of two lines cannot be asked for its flags. */
  private static boolean isVisibleHere(ManifestEntry entry, ManifestField field) {
    return switch (field) {
      case FLAGS -> entry.path().indexOf('\n') < 0;
      case XATTRS ->
          IS_ROOT || entry.xattrs().keySet().stream().noneMatch(it -> it.startsWith("trusted."));
      default -> true;
    };
  }
}
