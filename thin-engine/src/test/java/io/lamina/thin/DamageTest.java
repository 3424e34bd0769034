package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.MemoryDevice;
import io.lamina.ondisk.CorruptException;
import io.lamina.ondisk.UnsupportedException;
import io.lamina.persist.BlockHeader;
import io.lamina.persist.BlockManager;
import io.lamina.persist.BlockType;
import io.lamina.persist.btree.Node;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One spoilt field gives one named damage. */
class DamageTest {
  private final byte[] bytes = new byte[256 * BlockManager.BLOCK_BYTES];
  private final MemoryDevice device = new MemoryDevice(bytes, "metadata");
  private final ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  private int mappingRoot;

  @BeforeEach
  void create() throws IOException {
    PoolFormat.create(device, 65536, 1000);
    mappingRoot = (int) Superblock.read(device, 0).mappingRoot();
  }

  private void seal(int blockNr, BlockType<?> type) {
    BlockHeader.seal(
        blockNr, buffer.slice(blockNr * BlockManager.BLOCK_BYTES, BlockManager.BLOCK_BYTES), type);
  }

  private PoolMetadata open() throws IOException {
    return PoolMetadata.open(device, false, 1 << 20);
  }

  @ParameterizedTest
  @CsvSource({
    "32, 1, magic",
    "40, 3, version",
    "44, 16777216, time",
    "336, 0, data_block_size",
    "336, 100, data_block_size",
    "340, 16, metadata_block_size",
    "344, 257, metadata_nr_blocks",
    "192, 257, metadata space map nr_blocks",
    "320, 256, block number",
    "320, 0, checksum",
    "328, 1000, block number"
  })
  void aSpoiltSuperblockFieldIsNamed(int offset, int value, String field) {
    buffer.putInt(offset, value);
    seal(0, Superblock.TYPE);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining(": " + field + ": expected");
  }

  @ParameterizedTest
  @CsvSource({
    "4, 0, flags",
    "4, 3, flags",
    "16, 253, nr_entries",
    "16, -1, nr_entries",
    "20, 600, max_entries",
    "24, 0, value_size",
    "24, 4, value_size"
  })
  void aSpoiltNodeFieldIsNamed(int offset, int value, String field) {
    buffer.putInt(mappingRoot * BlockManager.BLOCK_BYTES + offset, value);
    seal(mappingRoot, Node.TYPE);
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("btree node at block " + mappingRoot + ": " + field);
  }

  @Test
  void aFlippedBitIsAWrongChecksum() {
    bytes[mappingRoot * BlockManager.BLOCK_BYTES + 2000] ^= 4;
    assertThatThrownBy(this::open)
        .isInstanceOf(CorruptException.class)
        .hasMessageContaining("checksum: expected 0x");
  }

  @Test
  void aBlockInAnotherPlaceIsAWrongNumber() {
    seal(mappingRoot, Node.TYPE);
    BlockHeader.seal(
        5,
        buffer.slice(mappingRoot * BlockManager.BLOCK_BYTES, BlockManager.BLOCK_BYTES),
        Node.TYPE);
    assertThatThrownBy(this::open).hasMessageContaining("blocknr: expected " + mappingRoot);
  }

  @Test
  void anUnknownFeatureIsRefusedWithItsBit() {
    buffer.putInt(360, 0x40);
    seal(0, Superblock.TYPE);
    assertThatThrownBy(this::open)
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("0x40");
  }

  @Test
  void aShortFileIsNoPool() {
    assertThatThrownBy(
            () -> PoolMetadata.open(new MemoryDevice(new byte[100], "short"), false, 1 << 20))
        .hasMessage("short: 100 bytes are too few for a pool's metadata");
  }
}
