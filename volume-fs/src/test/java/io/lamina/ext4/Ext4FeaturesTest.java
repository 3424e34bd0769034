package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One tree of files, put into volumes of every kind by mke2fs, is read back from each. */
class Ext4FeaturesTest {
  private static final int BIG_BYTES = 3_000_000;

  @TempDir static Path directory;
  private static Path source;

  @BeforeAll
  static void makeSource() throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    Random random = new Random(1);
    for (int length : new int[] {0, 1, 59, 60, 61, 100, 1023, 1024, 4096, 70_000}) {
      byte[] bytes = new byte[length];
      random.nextBytes(bytes);
      Files.write(source.resolve("file" + length), bytes);
    }
    byte[] big = new byte[BIG_BYTES];
    random.nextBytes(big);
    Files.write(source.resolve("big"), big);
    writeSparse(source.resolve("sparse"));
    for (int length : new int[] {1, 59, 60, 61, 900}) {
      Files.createSymbolicLink(source.resolve("link" + length), Path.of("t".repeat(length)));
    }
    Files.createLink(source.resolve("hard"), source.resolve("file100"));
    Path many = Files.createDirectories(source.resolve("many"));
    for (int i = 0; i < 700; i++) {
      Files.writeString(many.resolve("a name that is not short " + i), "" + i);
    }
    Path deep = source;
    for (int i = 0; i < 20; i++) {
      deep = Files.createDirectory(deep.resolve("d" + i));
    }
    Files.writeString(deep.resolve("n".repeat(255)), "deep");
    Files.writeString(source.resolve("old"), "1903");
    Files.setLastModifiedTime(
        source.resolve("old"), FileTime.from(Instant.parse("1903-02-03T04:05:06.789Z")));
  }

  private static void writeSparse(Path file) throws IOException {
    try (SeekableByteChannel channel =
        Files.newByteChannel(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      for (int i = 0; i < 20; i++) {
        channel.position(i * 250_000L);
        channel.write(ByteBuffer.wrap(("part " + i).getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  @BeforeEach
  void requireTools() {
    E2fsprogs.require("mke2fs", "e2fsck");
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "-t ext4",
        "-t ext2",
        "-t ext3 -b 1024",
        "-t ext2 -b 1024 -O ^filetype,^dir_index -I 128",
        "-t ext2 -r 0",
        "-t ext2 -b 65536",
        "-t ext3 -b 2048 -O ^sparse_super,^resize_inode",
        "-t ext4 -b 1024",
        "-t ext4 -b 2048 -I 512",
        "-t ext4 -b 8192",
        "-t ext4 -b 65536 -O ^resize_inode",
        "-t ext4 -b 1024 -O ^extent,^64bit,^flex_bg",
        "-t ext4 -O ^metadata_csum,uninit_bg",
        "-t ext4 -O ^metadata_csum,uninit_bg,^64bit -b 1024",
        "-t ext4 -O metadata_csum,metadata_csum_seed,orphan_file,project,quota,verity",
        "-t ext4 -b 1024 -O meta_bg,^resize_inode",
        "-t ext4 -b 1024 -O meta_bg,^resize_inode -g 256 -N 4096",
        "-t ext4 -b 1024 -O sparse_super2,^resize_inode -g 1024",
        "-t ext4 -b 1024 -g 256 -N 8192 -O ^flex_bg",
        "-t ext4 -O inline_data -I 256",
        "-t ext4 -O inline_data -I 1024 -b 1024",
        "-t ext4 -O inline_data,ea_inode,large_dir,mmp,casefold,encrypt,stable_inodes",
        "-t ext4 -O bigalloc -C 16384",
        "-t ext4 -O bigalloc -C 65536 -b 1024",
        "-t ext4 -I 128",
        "-t ext4 -E hash_seed=01234567-89ab-cdef-0123-456789abcdef",
      })
  void readsWhatMke2fsPutIn(String options) throws Exception {
    Path image = directory.resolve("image");
    E2fsprogs.mke2fs(image, "64M", options + " -d " + source);
    compare(image, options);
    E2fsprogs.run(java.util.List.of("e2fsck", "-fyD", image.toString()), "", 1); // makes hash trees
    compare(image, options);
    Files.delete(image);
  }

  private static void compare(Path image, String options) throws IOException {
    SortedMap<String, String> expected = new TreeMap<>(Trees.describe(source));
    expected.remove(""); // the root's time is that of the volume
    try (Ext4 tree = Ext4.open(Image.of(image))) {
      SortedMap<String, String> found = Trees.describe(tree);
      found.remove("");
      if (options.contains("-r 0") || options.contains("-I 128") || !options.contains("ext4")) {
        expected.remove("/old");
        found.remove("/old");
      }
      assertThat(found).isEqualTo(expected);
    }
  }
}
