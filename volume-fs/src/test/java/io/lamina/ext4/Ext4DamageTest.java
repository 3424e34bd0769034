package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.lamina.fs.Name;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One spoilt field gives one named damage, and leaves the other files alone. */
class Ext4DamageTest {
  private static final int BLOCK_BYTES = 1024;
  private static final int SUPERBLOCK = 1024;

  @TempDir static Path directory;
  private static Image plain;
  private static Image summed;
  private static Path plainFile;
  private static Path summedFile;
  private Image image;

  @BeforeAll
  static void makeVolumes() throws IOException {
    E2fsprogs.require("mke2fs", "debugfs", "e2fsck");
    Path source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("file"), "0123456789".repeat(10_000));
    Files.write(source.resolve("other"), new byte[] {1, 2, 3, 4});
    Files.createSymbolicLink(source.resolve("link"), Path.of("short"));
    Files.createSymbolicLink(source.resolve("long"), Path.of("l".repeat(100)));
    Files.createDirectory(source.resolve("many"));
    for (int i = 0; i < 100; i++) {
      Files.writeString(source.resolve("many/a name that takes room " + i), "");
    }
    StringBuilder commands = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      commands.append("punch /file " + (4 * i) + " " + (4 * i) + "\n");
    }
    for (int i = 0; i < 9; i++) {
      commands.append("ea_set /other user.attribute" + i + " some-value-of-it\n");
    }
    String common = "-t ext4 -b 1024 -N 256 -d " + source;
    plainFile = make("plain", common + " -O ^metadata_csum,^has_journal", commands.toString());
    summedFile = make("summed", common + " -O metadata_csum,^has_journal", commands.toString());
    plain = Image.of(plainFile);
    summed = Image.of(summedFile);
  }

  private static Path make(String name, String options, String commands) throws IOException {
    Path file = E2fsprogs.mke2fs(directory.resolve(name), "4M", options);
    E2fsprogs.debugfs(file, commands);
    E2fsprogs.run(List.of("e2fsck", "-fyD", file.toString()), "", 1);
    return file;
  }

  @BeforeEach
  void takeCopy() {
    image = plain.copy();
  }

  @Test
  void theMagic() {
    image.bytes().putShort(SUPERBLOCK + 0x38, (short) 0x1234);
    assertDamage(this::open, "ext4 superblock", "s_magic");
  }

  @Test
  void theSuperblocksChecksum() {
    image = summed.copy();
    flip(SUPERBLOCK + 0x78); // the label
    assertDamage(this::open, "ext4 superblock", "checksum");
  }

  @Test
  void aVolumeLongerThanItsDevice() {
    image = plain.cut((int) plain.size() - BLOCK_BYTES);
    assertDamage(this::open, "ext4 superblock", "s_blocks_count");
  }

  @Test
  void aDeviceWithoutRoomForASuperblock() {
    image = plain.cut(1500);
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("too short");
  }

  @Test
  void theSizesInTheSuperblock() {
    spoilSuperblock(0x18, 7, "s_log_block_size");
    spoilSuperblock(0x20, 0, "s_blocks_per_group");
    spoilSuperblock(0x28, 0xffff_ffff, "s_inodes_per_group");
    spoilSuperblock(0x0, 0xffff_ffff, "s_inodes_count");
    spoilSuperblock(0x14, 0x7fff_ffff, "s_first_data_block");
    spoilSuperblock(0x58, 0x7fff, "s_inode_size");
    spoilSuperblock(0xfc, 0x0030_0000, "s_desc_size");
    spoilSuperblock(0x150, 0xffff_ffff, "s_blocks_count");
  }

  private void spoilSuperblock(int offset, int value, String field) {
    image = plain.copy();
    image.bytes().putInt(SUPERBLOCK + offset, value);
    assertDamage(this::open, "ext4 superblock", field);
  }

  @Test
  void anUnknownFeatureIsNamedWithItsBit() {
    image.bytes().putInt(SUPERBLOCK + 0x60, 0x0008_0002);
    assertThatThrownBy(this::open)
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("ext4 superblock: incompatible feature 0x00080000 (unknown)");
    image.bytes().putInt(SUPERBLOCK + 0x60, 0x1);
    assertThatThrownBy(this::open).hasMessageContaining("0x00000001 (compression)");
    image.bytes().putInt(SUPERBLOCK + 0x60, 0x8);
    assertThatThrownBy(this::open).hasMessageContaining("external journal");
  }

  @Test
  void anExternalJournalThatIsNeeded() {
    image.bytes().putInt(SUPERBLOCK + 0x60, image.bytes().getInt(SUPERBLOCK + 0x60) | 0x4);
    image.bytes().putInt(SUPERBLOCK + 0x5c, image.bytes().getInt(SUPERBLOCK + 0x5c) | 0x4);
    image.bytes().putInt(SUPERBLOCK + 0xe0, 0);
    image.bytes().putInt(SUPERBLOCK + 0xe4, 0x801);
    assertThatThrownBy(this::open)
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("external journal (device 0x801)");
  }

  @Test
  void aGroupDescriptor() throws Exception {
    image.bytes().putInt(2 * BLOCK_BYTES + 8, 0x7fff_ffff);
    // gdt checksums are off with metadata_csum off and uninit_bg off
    CorruptException thrown = assertDamage(this::open, "ext4 group descriptor 0", null);
    assertThat(thrown.damage().field()).isIn("bg_inode_table", "checksum");
    image = summed.copy();
    flip(2 * BLOCK_BYTES + 0x10);
    assertDamage(this::open, "ext4 group descriptor 0", "checksum");
  }

  @Test
  void anInodesChecksum() throws Exception {
    image = summed.copy();
    long inodeNr = inodeNr(summedFile, "/file");
    flip(inodeOffset(summedFile, "/file") + 4);
    assertDamage(() -> read("/file"), "ext4 inode " + inodeNr, "checksum");
    assertOtherIsFine();
  }

  @Test
  void anInodesFields() throws Exception {
    int inode = inodeOffset(plainFile, "/file");
    String name = "ext4 inode " + inodeNr(plainFile, "/file");
    spoil(inode, (short) 0x3000, "i_mode", name, "/file");
    spoil(inode + 0x1a, (short) 0, "i_links_count", name, "/file");
    spoil(inode + 0x80, (short) 0x7f00, "i_extra_isize", name, "/file");
    spoil(inode + 0x28, (short) 0, "eh_magic", name, "/file");
    spoil(inode + 0x2a, (short) 5, "eh_entries", name, "/file");
    spoil(inode + 0x2c, (short) 5, "eh_max", name, "/file");
    spoil(inode + 0x2e, (short) 6, "eh_depth", name, "/file");
    spoil(inode + 0x28 + 12 + 8, (short) 1, "ei_leaf", name, "/file");
  }

  private void spoil(int offset, short value, String field, String structure, String path)
      throws Exception {
    image = plain.copy();
    image.bytes().putShort(offset, value);
    assertDamage(() -> read(path), structure, field);
    assertOtherIsFine();
  }

  @Test
  void anExtentBlock() throws Exception {
    long inodeNr = inodeNr(plainFile, "/file");
    int block = plain.bytes().getInt(inodeOffset(plainFile, "/file") + 0x28 + 12 + 4) * BLOCK_BYTES;
    String name = "ext4 extent block of inode " + inodeNr;
    spoil(block, (short) 0, "eh_magic", name, "/file");
    spoil(block + 12 + 4, (short) 0, "ee_len", name, "/file");
    spoil(block + 12 + 6, (short) 1, "ee_start", name, "/file");
    spoil(block + 12, (short) 77, "ee_block", name, "/file");
    image = summed.copy();
    int inode = inodeOffset(summedFile, "/file");
    flip(image.bytes().getInt(inode + 0x28 + 12 + 4) * BLOCK_BYTES + 12 + 8);
    assertDamage(
        () -> read("/file"), "ext4 extent block of inode " + inodeNr(summedFile, "/file"), null);
    assertOtherIsFine();
  }

  @Test
  void anExtentTreeThatLoops() throws Exception {
    int inode = inodeOffset(plainFile, "/file");
    int blockNr = image.bytes().getInt(inode + 0x28 + 12 + 4);
    int block = blockNr * BLOCK_BYTES;
    image.bytes().putShort(block + 6, (short) 1); // an index node
    image.bytes().putShort(block + 2, (short) 1); // of one entry
    image.bytes().putInt(block + 12 + 4, blockNr); // which is itself
    image.bytes().putShort(block + 12 + 8, (short) 0);
    assertDamage(
        () -> read("/file"),
        "ext4 extent block of inode " + inodeNr(plainFile, "/file"),
        "eh_depth");
  }

  @Test
  void aDirectoryEntryOfLengthZero() throws Exception {
    int block = dataOffset(plainFile, "/", 0);
    image.bytes().putShort(block + 12 + 12 + 4, (short) 0);
    assertDamage(
        () -> Trees.names(Ext4.open(image).root()),
        "ext4 directory block of inode 2",
        "rec_len of the entry at 24");
  }

  @Test
  void aDirectoryBlocksChecksum() throws Exception {
    image = summed.copy();
    flip(dataOffset(summedFile, "/", 0) + 40);
    assertDamage(
        () -> Trees.names(Ext4.open(image).root()), "ext4 directory block of inode 2", "checksum");
  }

  @Test
  void aHashTreeWithoutSenseIsLeftAside() throws Exception {
    int root = dataOffset(plainFile, "/many", 0);
    assertThat(plain.bytes().get(root + 0x1d)).as("info_length").isEqualTo((byte) 8);
    image.bytes().putInt(root + 0x20, 0x7777_0001); // limit and count
    try (Warnings warnings = new Warnings(HashTree.class);
        Ext4 tree = Ext4.open(image)) {
      assertThat(Trees.find(tree, "/many/a name that takes room 42")).isNotNull();
      assertThat(Trees.find(tree, "/many/none")).isNull();
      assertThat(warnings.lines()).as("said once, however often it is met").hasSize(1);
      assertThat(warnings.lines().get(0))
          .matches("the hash tree is not used: ext4 directory block of inode \\d+ at block .*");
    }
  }

  @Test
  void aHashTreesChecksum() throws Exception {
    image = summed.copy();
    flip(dataOffset(summedFile, "/many", 0) + 0x30);
    String name = "ext4 directory block of inode " + inodeNr(summedFile, "/many");
    assertDamage(
        () -> Trees.find(Ext4.open(image), "/many/a name that takes room 42"), name, "checksum");
  }

  @Test
  void aSymbolicLinkOfFourGibibytes() throws Exception {
    image.bytes().putInt(inodeOffset(plainFile, "/link") + 4, 0xffff_ffff);
    image.bytes().putInt(inodeOffset(plainFile, "/long") + 4, 0xffff_ffff);
    for (String path : List.of("/link", "/long")) {
      assertDamage(
          () -> Trees.find(Ext4.open(image), path).readLink(),
          "ext4 inode " + inodeNr(plainFile, path),
          "i_size of a symbolic link");
    }
  }

  @Test
  void aBlockOfAttributes() throws Exception {
    int block = plain.bytes().getInt(inodeOffset(plainFile, "/other") + 0x68) * BLOCK_BYTES;
    assertThat(block).isPositive();
    String name = "ext4 xattr block of inode " + inodeNr(plainFile, "/other");
    image.bytes().putInt(block, 0);
    assertDamage(this::attributesOfOther, name, "h_magic");
    image = plain.copy();
    image.bytes().putShort(block + 32 + 2, (short) 0x7fff);
    assertDamage(this::attributesOfOther, name, "e_value_offs of the entry at 32");
    image = plain.copy();
    image.bytes().put(block + 32, (byte) 0xff);
    assertThat(catchThrowableOfType(CorruptException.class, this::attributesOfOther)).isNotNull();
    image = summed.copy();
    flip(image.bytes().getInt(inodeOffset(summedFile, "/other") + 0x68) * BLOCK_BYTES + 50);
    assertDamage(
        this::attributesOfOther,
        "ext4 xattr block of inode " + inodeNr(summedFile, "/other"),
        "checksum");
  }

  private void attributesOfOther() throws IOException {
    Trees.find(Ext4.open(image), "/other").xattrNames();
  }

  private void open() throws IOException {
    Ext4.open(image).root();
  }

  private void read(String path) throws IOException {
    try (Ext4 tree = Ext4.open(image)) {
      Trees.content(Trees.find(tree, path));
    }
  }

  private void assertOtherIsFine() throws IOException {
    try (Ext4 tree = Ext4.open(image)) {
      assertThat(Trees.content(tree.root().child(Name.of("other")))).hasSize(4);
    }
  }

  private void flip(int offset) {
    ByteBuffer bytes = image.bytes();
    bytes.put(offset, (byte) (bytes.get(offset) ^ 0x10));
  }

  private static CorruptException assertDamage(
      ThrowingCallable action, String structure, String field) {
    CorruptException thrown = catchThrowableOfType(CorruptException.class, action);
    assertThat(thrown).as(structure + ": " + field).isNotNull();
    assertThat(thrown.damage().structure()).isEqualTo(structure);
    if (field != null) {
      assertThat(thrown.damage().field()).isEqualTo(field);
    }
    return thrown;
  }

  private static int inodeOffset(Path file, String path) throws IOException {
    Matcher place = ask(file, "imap " + path, "located at block (\\d+), offset 0x([0-9a-f]+)");
    return Integer.parseInt(place.group(1)) * BLOCK_BYTES + Integer.parseInt(place.group(2), 16);
  }

  private static long inodeNr(Path file, String path) throws IOException {
    return Long.parseLong(ask(file, "stat " + path, "Inode: (\\d+)").group(1));
  }

  private static int dataOffset(Path file, String path, int block) throws IOException {
    String blockNr = ask(file, "bmap " + path + " " + block, "(?m)^(\\d+)$").group(1);
    return Integer.parseInt(blockNr) * BLOCK_BYTES;
  }

  private static Matcher ask(Path file, String command, String pattern) throws IOException {
    String answer = E2fsprogs.debugfs(file, command + "\n");
    Matcher matcher = Pattern.compile(pattern).matcher(answer);
    assertThat(matcher.find()).as(answer).isTrue();
    return matcher;
  }
}
