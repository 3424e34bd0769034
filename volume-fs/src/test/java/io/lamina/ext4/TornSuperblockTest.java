package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.MemoryDevice;
import io.lamina.ext4.format.Superblock;
import io.lamina.fs.FileTree;
import io.lamina.fs.Name;
import io.lamina.fs.NewFile;
import io.lamina.fs.Owner;
import io.lamina.ondisk.CorruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A power cut between the two sectors of the superblock's 1024 bytes, which devices are trusted not
 * to have: its checksum says so, as to the kernel, and e2fsck goes by a copy in another group.
 */
class TornSuperblockTest {
  private static final int SECTOR_BYTES = 512;
  private static final String CONTENT = "kept";

  @TempDir(factory = InMemory.class)
  Path directory;

  private Path image;

  @BeforeEach
  void requireTools() {
    Tools.require("mke2fs", "e2fsck");
    image = directory.resolve("image");
  }

  private byte[] made(String options) throws Exception {
    Path tree = Files.createDirectory(directory.resolve("tree"));
    Files.writeString(tree.resolve("file"), CONTENT);
    return Files.readAllBytes(
        E2fsprogs.mke2fs(image, "24M", "-t ext4 -b 1024 " + options + " -d " + tree));
  }

  /** As it is once a file was made and synced. */
  private static byte[] used(byte[] content) throws Exception {
    byte[] bytes = content.clone();
    try (Ext4 tree = Ext4.openWritable(new MemoryDevice(bytes, "image"), WriteOptions.DEFAULT)) {
      tree.root().create(Name.of("synced"), NewFile.regular(0644, new Owner(0, 0)));
      tree.root().sync();
      return bytes.clone();
    }
  }

  /** One state, but for a sector of the superblock, which is of another. */
  private static byte[] torn(byte[] content, byte[] other, int sector) {
    byte[] mixed = content.clone();
    int at = Superblock.OFFSET + sector * SECTOR_BYTES;
    System.arraycopy(other, at, mixed, at, SECTOR_BYTES);
    return mixed;
  }

  private static void requireKept(byte[] content) throws Exception {
    try (FileTree tree = Ext4.open(new MemoryDevice(content, "image"))) {
      assertThat(Trees.content(Trees.find(tree, "/file"))).asString().isEqualTo(CONTENT);
    }
  }

  @ParameterizedTest(name = "sector {0} is old")
  @ValueSource(ints = {0, 1})
  void isRefusedAndMendedByE2fsckFromACopy(int sector) throws Exception {
    byte[] before = made("");
    byte[] mixed = torn(used(before), before, sector);
    byte[] bytes = mixed.clone();
    MemoryDevice device = new MemoryDevice(bytes, "image");
    assertThatThrownBy(() -> Ext4.openWritable(device, WriteOptions.DEFAULT))
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("ext4 superblock")
        .hasMessageContaining("checksum");
    assertThat(bytes).isEqualTo(mixed);
    Files.write(image, mixed);
    Tools.run(1, "", "e2fsck", "-fy", image.toString());
    Tools.run(0, "", "e2fsck", "-fn", image.toString());
    byte[] mended = Files.readAllBytes(image);
    requireKept(mended);
    try (FileTree tree = Ext4.open(new MemoryDevice(mended, "image"))) {
      assertThat(Trees.find(tree, "/synced")).isNotNull();
    }
  }

  /** The first commit writes it before the log is in use, so that nothing hangs on either half. */
  @ParameterizedTest(name = "sector {0} is new")
  @CsvSource({"0, 1", "1, 0"})
  void withoutAChecksumEitherHalfWillDo(int sector, int e2fsckCode) throws Exception {
    byte[] before = made("-O ^metadata_csum");
    byte[] mixed = torn(before, used(before), sector);
    requireKept(mixed);
    Files.write(image, mixed);
    Tools.run(e2fsckCode, "", "e2fsck", "-fp", image.toString());
    Tools.run(0, "", "e2fsck", "-fn", image.toString());
    requireKept(Files.readAllBytes(image));
  }
}
