package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.fs.FileTree;
import io.lamina.fuse.Fuse;
import io.lamina.images.Fixture;
import io.lamina.images.HostManifest;
import io.lamina.images.ManifestEntry;
import io.lamina.images.ManifestField;
import io.lamina.images.TrueDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the mount shows of the fixtures' pools is what the kernel saw in them. */
class MountedFixturesTest {
  private static final boolean IS_ROOT = System.getProperty("user.name").equals("root");

  @BeforeAll
  static void assumePrograms() {
    String missing = HostManifest.missingProgram();
    assumeTrue(missing == null, () -> missing + " is not installed");
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

  /**
   * A name with a line end in it cannot be found in what lsattr prints; attributes of the namespace
   * trusted are shown to root alone.
   */
  private boolean isTold(ManifestEntry entry, ManifestField field) {
    return switch (field) {
      case FLAGS -> entry.path().indexOf('\n') < 0;
      case XATTRS ->
          IS_ROOT || entry.xattrs().keySet().stream().noneMatch(it -> it.startsWith("trusted."));
      default -> true;
    };
  }

  @ParameterizedTest
  @EnumSource(
      value = Fixture.class,
      names = "DAMAGED_METADATA|DOCKER.*_(AUFS|OVERLAY2)|AUFS_UNION",
      mode = EnumSource.Mode.MATCH_NONE)
  void everyFileOfEveryVolumeIsAsTheKernelSawIt(Fixture fixture) throws Exception {
    SoftAssertions all = new SoftAssertions();
    try (ThinPool pool = open(fixture);
        FileTree tree = PoolTrees.of(pool, fixture.label(), MountOptions.parse(List.of()));
        Fuse fuse = new Fuse(tree)) {
      for (TrueDevice device : fixture.truth().devices()) {
        if (device.manifestFile() == null || device.fileSystem().equals("xfs")) {
          continue;
        }
        Path volume = fuse.directory.resolve("volumes/" + device.id());
        all.assertThat(device.manifest().differences(HostManifest.of(volume), this::isTold))
            .as(fixture + " " + device.id())
            .isEmpty();
      }
      all.assertThat(fuse.run("cat", "status")).startsWith("0 ").contains("thin-pool");
    }
    all.assertAll();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fixture.class,
      names = {"KERNEL_THIN_BASIC", "KERNEL_THIN_CRASH_1"})
  void rawDevicesOfFileSystemsReadAsInTheKernel(Fixture fixture) throws Exception {
    try (ThinPool pool = open(fixture);
        FileTree tree = PoolTrees.of(pool, fixture.label(), MountOptions.parse(List.of()));
        Fuse fuse = new Fuse(tree)) {
      for (TrueDevice device : fixture.truth().devices()) {
        if (device.fileSystem().startsWith("ext")) {
          String sum = fuse.run("sha256sum", "devices/" + device.id());
          assertThat(sum).as("device " + device.id()).startsWith(device.sha256());
        }
      }
    }
  }
}
