package io.lamina.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.fs.FileTree;
import io.lamina.fuse.Fuse;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolVolumes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** A pool on sparse files, with a volume {@code a} and maybe others, to be mounted for writing. */
final class TestPool {
  static final int BLOCK_BYTES = 64 << 10;

  private final Path directory;

  private TestPool(Path directory) {
    this.directory = directory;
  }

  /** Makes one below a directory, with empty volumes of a size. */
  static TestPool create(Path parent, long dataBytes, long volumeBytes, String... names)
      throws IOException {
    Path directory = Files.createDirectory(parent.resolve("pool"));
    TestPool pool = new TestPool(directory);
    for (String file : new String[] {"metadata", "data"}) {
      try (RandomAccessFile made = new RandomAccessFile(directory.resolve(file).toFile(), "rw")) {
        made.setLength(file.equals("data") ? dataBytes : 4 << 20);
      }
    }
    try (FileDevice metadata =
        FileDevice.openWritable(directory.resolve("metadata"), HolePuncher.NONE)) {
      PoolFormat.create(metadata, BLOCK_BYTES, dataBytes / BLOCK_BYTES);
    }
    try (PoolVolumes volumes = PoolVolumes.open(directory, PoolServer.writeOptions())) {
      for (String name : names) {
        volumes.create(name, volumeBytes, PoolVolumes.Content.NONE);
      }
    }
    return pool;
  }

  Path directory() {
    return directory;
  }

  /** What is done with a mount. */
  interface Use {
    void of(Fuse fuse) throws Exception;
  }

  /** Mounts it with some options while something is done. */
  void mounted(List<String> options, Use use) throws Exception {
    try (PoolVolumes volumes = PoolVolumes.open(directory, PoolServer.writeOptions());
        FileTree tree = PoolTrees.of(volumes, "test", MountOptions.parse(options));
        Fuse fuse = new Fuse(tree)) {
      use.of(fuse);
    }
  }

  void mounted(Use use) throws Exception {
    mounted(List.of(), use);
  }

  /** Makes a file system in a volume, where mkfs is installed. */
  void format(String volume, String options) throws Exception {
    assumePrograms("mkfs.ext4", "e2fsck");
    String command = "mkfs.ext4 -q -E lazy_itable_init=0 " + options + " devices/" + volume;
    mounted(fuse -> assertThat(sh(fuse, command)).isEmpty());
  }

  /** Lets e2fsck look through the file systems of volumes, and thin_check through the pool. */
  void check(String... names) throws Exception {
    mounted(
        fuse -> {
          for (String name : names) {
            assertThat(sh(fuse, "e2fsck -fn devices/" + name + "; echo $?")).endsWith("\n0\n");
          }
        });
    thinCheck();
  }

  void thinCheck() {
    if (has("thin_check")) {
      assertThat(Fuse.run(directory, "sh", "-c", "thin_check -q metadata; echo $?"))
          .isEqualTo("0\n");
    }
  }

  /** Data blocks in use, from the kernel's line. */
  static long usedBlocks(Fuse fuse) throws IOException {
    String line = Files.readString(fuse.directory.resolve("status"));
    return Long.parseLong(line.split(" ", 0)[5].split("/", 0)[0]);
  }

  static String sh(Fuse fuse, String script) {
    return fuse.run("sh", "-c", script);
  }

  /** Skips the test, with a reason, where a program is not installed. */
  static void assumePrograms(String... programs) {
    for (String program : programs) {
      assumeTrue(has(program), program + " is not installed");
    }
  }

  static boolean has(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
    return Arrays.stream(path.split(":", -1))
        .anyMatch(d -> Files.isExecutable(Path.of(d, program)));
  }
}
