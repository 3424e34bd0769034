package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is spoilt gives one line that names the block; everything else can still be read. */
class HostileVolumeTest {
  private static final int I_SIZE = 4;
  private static final int I_FLAGS = 32;
  private static final int I_BLOCK = 40;
  private static final int SUPERBLOCK = 1024;

  private static HostileVolume unchecked;
  private static HostileVolume checked;
  private static HostileVolume inline;
  private static HostileVolume indirect;
  private static HostileVolume journaled;

  @BeforeAll
  static void makeVolumes(@TempDir(factory = InMemory.class) Path directory) throws IOException {
    unchecked = make(directory, "unchecked", "^metadata_csum,^has_journal");
    checked = make(directory, "checked", "metadata_csum,^has_journal");
    inline = make(directory, "inline", "^metadata_csum,inline_data,^has_journal");
    indirect = make(directory, "indirect", "^metadata_csum,^extent,^64bit,^has_journal");
    journaled = make(directory, "journaled", "metadata_csum,ea_inode,large_dir");
  }

  private static HostileVolume make(Path directory, String name, String features)
      throws IOException {
    return HostileVolume.make(Files.createDirectory(directory.resolve(name)), features);
  }

  @Test
  void whatIsSoundGivesNoErrors() {
    for (HostileVolume volume : List.of(unchecked, checked, inline, indirect, journaled)) {
      assertThat(Walk.errors(HostileVolume.device(volume.copy()))).isEmpty();
    }
  }

  private static Map<String, String> errors(ByteBuffer bytes) {
    return Walk.errors(HostileVolume.device(bytes));
  }

  private static void assertOnly(ByteBuffer bytes, String path, String message) {
    Map<String, String> errors = errors(bytes);
    assertThat(errors).containsOnlyKeys(path);
    assertThat(errors.get(path)).matches("ext4 .* at block \\d+: .*").contains(message);
  }

  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "4, 2, 0, 'rec_len'",
    "4, 2, 6, 'rec_len'",
    "4, 2, 9, 'rec_len'",
    "4, 2, 1020, 'rec_len'",
    "6, 1, 250, 'rec_len'",
    "0, 4, 65, 'inode'",
    "0, 4, -1, 'inode'"
  })
  void anEntryThatLies(int offset, int width, int value, String message) throws IOException {
    ByteBuffer bytes = unchecked.copy();
    put(bytes, unchecked.block("/small", 0) + 24 + offset, width, value);
    assertOnly(bytes, "/small", message);
  }

  @Test
  void aDirectoryThatHoldsItself() throws IOException {
    ByteBuffer bytes = unchecked.copy();
    int small = unchecked.block("/small", 0);
    bytes.putInt(small + 24, bytes.getInt(small));
    assertOnly(bytes, "/small/a", "the directory's own");
  }

  @Test
  void anInodeWithAWrongChecksumIsAnErrorForItAlone() throws IOException {
    ByteBuffer bytes = checked.copy();
    bytes.put(checked.inode("/small/a") + 8, (byte) 77);
    assertOnly(bytes, "/small/a", "checksum: expected 0x");
  }

  @Test
  void metadataWithAWrongChecksumIsAnErrorForItsFileAlone() throws IOException {
    ByteBuffer bytes = checked.copy();
    bytes.put(checked.extentBlock("/pieces") + 200, (byte) 77);
    assertOnly(bytes, "/pieces", "");
    bytes = checked.copy();
    bytes.put(checked.block("/small", 0) + 600, (byte) 77);
    assertOnly(bytes, "/small", "checksum");
    bytes = checked.copy();
    bytes.put(checked.xattrBlock("/attributes") + 600, (byte) 77);
    assertOnly(bytes, "/attributes", "checksum");
  }

  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "0, 2, 0, eh_magic",
    "2, 2, 5, eh_entries",
    "2, 2, 65535, eh_entries",
    "4, 2, 65535, eh_max",
    "6, 2, 6, eh_depth",
    "6, 2, 65535, eh_depth",
    "12, 4, 7, first ee_block",
    "16, 4, 4096, ei_leaf",
    "16, 4, 0, ei_leaf",
    "20, 2, 1, ei_leaf"
  })
  void aRootOfExtentsThatLies(int offset, int width, int value, String message) throws IOException {
    ByteBuffer bytes = unchecked.copy();
    put(bytes, unchecked.inode("/pieces") + I_BLOCK + offset, width, value);
    assertOnly(bytes, "/pieces", message);
  }

  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "0, 2, 0, eh_magic",
    "6, 2, 1, ei_leaf",
    "16, 2, 0, ee_len",
    "18, 2, 1, ee_start",
    "20, 4, 4096, ee_start",
    "20, 4, 0, ee_start",
    "24, 4, 0, ee_block"
  })
  void aBlockOfExtentsThatLies(int offset, int width, int value, String message)
      throws IOException {
    ByteBuffer bytes = unchecked.copy();
    put(bytes, unchecked.extentBlock("/pieces") + offset, width, value);
    assertOnly(bytes, "/pieces", message);
  }

  @Test
  void extentsThatLeadInACircle() throws IOException {
    ByteBuffer bytes = unchecked.copy();
    int block = unchecked.extentBlock("/pieces");
    bytes.putShort(unchecked.inode("/pieces") + I_BLOCK + 6, (short) 5);
    bytes.putShort(block + 6, (short) 4).putShort(block + 2, (short) 1);
    bytes.putInt(block + 12, 0).putInt(block + 16, block / 1024).putInt(block + 20, 0);
    assertOnly(bytes, "/pieces", "eh_depth: expected 3, found 4");
  }

  @Test
  void aSymbolicLinkOf4GiB() throws IOException {
    for (String link : new String[] {"/short-link", "/long-link"}) {
      ByteBuffer bytes = unchecked.copy();
      bytes.putInt(unchecked.inode(link) + I_SIZE, -1);
      assertOnly(bytes, link, "i_size of a symbolic link: expected 1 to 1023, found 4294967295");
    }
  }

  @Test
  void aFileOfAllBytesThereAre() throws IOException {
    ByteBuffer bytes = unchecked.copy();
    bytes.putInt(unchecked.inode("/plain") + I_SIZE, -1);
    bytes.putInt(unchecked.inode("/plain") + 108, 0x7fff_ffff);
    Map<String, String> errors = errors(bytes);
    assertThat(errors.keySet()).allMatch(path -> path.equals("/plain") || path.startsWith("/many"));
    bytes.putInt(unchecked.inode("/plain") + 108, -1);
    assertThat(errors(bytes).get("/plain")).contains("i_size");
  }

  @Test
  void aDirectoryThatIsFarLargerThanTheVolume() throws IOException {
    ByteBuffer bytes = unchecked.copy();
    bytes.putInt(unchecked.inode("/small") + I_SIZE, -1024);
    assertThat(errors(bytes).keySet()).isSubsetOf("/small");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "28, 1, 9",
    "29, 1, 99",
    "30, 1, 3",
    "32, 2, 2",
    "34, 2, 65535",
    "36, 4, 0",
    "44, 4, 0",
    "44, 4, 99999",
    "40, 4, 0"
  })
  void aHashTreeThatLiesIsLeftAside(int offset, int width, int value) throws IOException {
    ByteBuffer bytes = unchecked.copy();
    put(bytes, unchecked.block("/many", 0) + offset, width, value);
    Map<String, String> errors = errors(bytes);
    assertThat(errors.keySet()).allMatch(path -> path.startsWith("/many"));
    // As in the kernel, a tree that is sound in itself may lead past a name.
    assertThat(errors.values()).allMatch(e -> e.matches("ext4 .*|listed, but not found"));
  }

  @ParameterizedTest(name = "{3}")
  @CsvSource({
    "0, 4, 0, h_magic",
    "8, 4, 2, h_blocks",
    "32, 1, 255, e_name",
    "34, 2, 65535, e_value_offs",
    "34, 2, 33, e_value_offs",
    "40, 4, -1, e_value_size",
    "40, 4, 1000, e_value_offs",
    "36, 4, 4000000, number",
    "36, 4, 2, e_value_inum"
  })
  void aBlockOfAttributesThatLies(int offset, int width, int value, String message)
      throws IOException {
    ByteBuffer bytes = unchecked.copy();
    put(bytes, unchecked.xattrBlock("/attributes") + offset, width, value);
    assertOnly(bytes, "/attributes", message);
  }

  @ParameterizedTest(name = "{2}")
  @CsvSource({
    "128, 65535, i_extra_isize",
    "128, 3, i_extra_isize",
    "166, 4000, e_value_offs",
    "168, 1000, number"
  })
  void attributesInAnInodeThatLie(int offset, int value, String message) throws IOException {
    ByteBuffer bytes = unchecked.copy();
    bytes.putShort(unchecked.inode("/attributes") + offset, (short) value);
    Map<String, String> errors = errors(bytes);
    assertThat(errors).containsOnlyKeys("/attributes");
    assertThat(errors.get("/attributes")).contains(message);
  }

  @Test
  void inlineDataThatLies() throws IOException {
    ByteBuffer bytes = inline.copy();
    bytes.putInt(inline.inode("/inline") + I_SIZE, 1_000_000);
    assertThat(errors(bytes).keySet()).isSubsetOf("/inline"); // zeroes behind it, in the kernel too
    bytes = inline.copy();
    bytes.putInt(inline.inode("/small") + I_SIZE, 1_000_000);
    assertThat(errors(bytes).keySet()).isSubsetOf("/small");
    bytes = inline.copy();
    bytes.putInt(inline.inode("/whole") + I_FLAGS, 0x1000_0000);
    assertOnly(bytes, "/whole", "inline data");
  }

  @Test
  void blockNumbersOutsideTheVolume() throws IOException {
    for (int index : new int[] {0, 11, 12}) {
      ByteBuffer bytes = indirect.copy();
      bytes.putInt(indirect.inode("/whole") + I_BLOCK + 4 * index, 4096);
      assertOnly(bytes, "/whole", "block number: expected below 4096, found 4096");
    }
  }

  @Test
  void blocksOfBlockNumbersThatLeadInACircle() throws IOException {
    ByteBuffer bytes = indirect.copy();
    int inode = indirect.inode("/whole");
    int block = bytes.getInt(inode + I_BLOCK + 4 * 12);
    bytes.putInt(inode + I_BLOCK + 4 * 13, block).putInt(inode + I_BLOCK + 4 * 14, block);
    for (int i = 0; i < 1024; i += 4) {
      bytes.putInt(block * 1024 + i, block);
    }
    bytes.putInt(inode + I_SIZE, -1).putInt(inode + 108, 0x3);
    assertThat(errors(bytes).keySet()).isSubsetOf("/whole");
  }

  @Test
  void groupDescriptorsThatPointOutside() {
    ByteBuffer bytes = unchecked.copy();
    bytes.putInt(2048 + 8, 4090);
    assertThat(errors(bytes).get(""))
        .startsWith("ext4 group descriptor")
        .contains("bg_inode_table");
  }

  @ParameterizedTest(name = "{3} {2}")
  @CsvSource({
    "0, 4, 65, s_inodes_count",
    "0, 4, 0, s_inodes_count",
    "4, 4, -1, s_blocks_count",
    "4, 4, 0, s_first_data_block",
    "20, 4, 4096, s_first_data_block",
    "20, 4, 0, s_first_data_block",
    "24, 4, 7, s_log_block_size",
    "24, 4, -1, s_log_block_size",
    "32, 4, 0, s_blocks_per_group",
    "32, 4, -1, s_blocks_per_group",
    "40, 4, 0, s_inodes_per_group",
    "40, 4, -1, s_inodes_per_group",
    "56, 2, 0, magic",
    "88, 2, 0, s_inode_size",
    "88, 2, 129, s_inode_size",
    "88, 2, 2048, s_inode_size",
    "88, 2, 65535, s_inode_size",
    "96, 4, 0x800002c2, 0x80000000",
    "96, 4, 0x8c2, 0x00000800",
    "206, 2, 65535, s_reserved_gdt_blocks",
    "254, 2, 0, s_desc_size",
    "254, 2, 65, s_desc_size",
    "254, 2, 4096, s_desc_size"
  })
  void aSuperblockThatLies(int offset, int width, long value, String message) {
    ByteBuffer bytes = unchecked.copy();
    put(bytes, SUPERBLOCK + offset, width, (int) value);
    Map<String, String> errors = errors(bytes);
    assertThat(errors).containsKey("");
    assertThat(errors.get("")).doesNotContain("\n").contains(message);
  }

  @Test
  void aVolumeThatIsCutShort() {
    byte[] whole = unchecked.copy().array();
    for (int length : new int[] {0, 1, 1024, 2047, 2048, 3000, 100_000, whole.length - 1024}) {
      ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(whole, length));
      assertThat(errors(cut)).containsKey("");
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 60L * Integer.getInteger("lamina.seeds", 5));
  }

  /** The tables of a volume this small lie at its start, and most of its files behind them. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void spoiltBytesGiveOneLineEach(long seed) {
    Random random = new Random(seed);
    HostileVolume volume =
        List.of(unchecked, checked, inline, indirect, journaled).get(random.nextInt(5));
    ByteBuffer bytes = volume.copy();
    int most = random.nextBoolean() ? 150 * 1024 : bytes.capacity() / 8;
    int from = random.nextInt(4) == 0 ? 1024 : 2048;
    for (int i = 1 << random.nextInt(9); i > 0; i--) {
      int offset = from + random.nextInt(most - from - 4);
      switch (random.nextInt(4)) {
        case 0 -> bytes.put(offset, (byte) random.nextInt());
        case 1 -> bytes.put(offset, (byte) (bytes.get(offset) ^ 1 << random.nextInt(8)));
        case 2 -> bytes.putInt(offset & ~3, random.nextInt(4096));
        default -> bytes.putInt(offset & ~3, -random.nextInt(3));
      }
    }
    assertThat(errors(bytes).values()).allMatch(message -> !message.contains("\n"));
  }

  private static void put(ByteBuffer bytes, int offset, int width, int value) {
    switch (width) {
      case 1 -> bytes.put(offset, (byte) value);
      case 2 -> bytes.putShort(offset, (short) value);
      default -> bytes.putInt(offset, value);
    }
  }
}
