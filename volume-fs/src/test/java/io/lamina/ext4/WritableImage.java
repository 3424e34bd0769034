package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.images.HostManifest;
import io.lamina.truth.TreeManifest;
import java.io.IOException;
import java.nio.file.Path;

/** A volume in a file that is changed here and then judged by others. */
public final class WritableImage {
  private final Path file;

  /**
   * Makes one.
   *
   * @param options of mke2fs, between spaces
   */
  public WritableImage(Path directory, String size, String options) throws IOException {
    Tools.require("mke2fs", "e2fsck", "debugfs");
    file = E2fsprogs.mke2fs(directory.resolve("volume.img"), size, "-t ext4 " + options);
  }

  public Path file() {
    return file;
  }

  public Ext4 open() throws IOException {
    Ext4 opened =
        Ext4.openWritable(FileDevice.openWritable(file, HolePuncher.NONE), WriteOptions.DEFAULT);
    assertThat(opened.readOnlyReason()).isNull();
    return opened;
  }

  /** Lets e2fsck look through all of it. */
  public void check() throws IOException {
    Tools.run(0, "", "e2fsck", "-fn", file.toString());
  }

  /** Compares what the kernel sees with what is seen here, where the machine can mount it. */
  void compareWithKernel() throws IOException {
    KernelMount mount = KernelMount.ifPossible(file, "ro");
    if (mount != null && HostManifest.missingProgram() == null) {
      try (mount;
          Ext4 opened = Ext4.open(new FileImage(file))) {
        assertThat(HostManifest.of(mount.directory()).differences(TreeManifest.of(opened.root())))
            .isEmpty();
      }
    }
  }
}
