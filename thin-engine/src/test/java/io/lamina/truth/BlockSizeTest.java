package io.lamina.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.lamina.block.BlockDevice;
import io.lamina.block.FileDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolMetadata;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pools of other block sizes than 64 KiB, made by thin_restore from mappings written by hand. */
class BlockSizeTest {
  private static final int DATA_BLOCKS = 64;

  @TempDir Path directory;

  @ParameterizedTest(name = "{0} sectors")
  @ValueSource(ints = {128, 256, 384, 2048})
  void readsBlocksOfThisSize(int sectors) throws Exception {
    int blockBytes = sectors * 512;
    NavigableMap<Long, Long> mappings = new TreeMap<>();
    Random random = new Random(sectors);
    for (long data = 0; data < DATA_BLOCKS; data += 1 + random.nextInt(3)) {
      mappings.put((long) random.nextInt(200), data);
    }
    PoolSource source = makePool(sectors, mappings);
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT)) {
      assertThat(pool.dataBlockBytes()).isEqualTo(blockBytes);
      BlockDevice volume = pool.volume(7);
      assertThat(volume.size()).isEqualTo((mappings.lastKey() + 1) * blockBytes);
      for (long block = 0; block <= mappings.lastKey(); block++) {
        long start = block * blockBytes;
        // Its first word, one in its middle, its last.
        long[] offsets = {start, start + blockBytes / 2, start + blockBytes - 8};
        for (long offset : offsets) {
          assertThat(word(volume, offset)).isEqualTo(expected(mappings, offset, blockBytes));
        }
        assertThat(volume.nextData(start) == start).isEqualTo(mappings.containsKey(block));
      }
      assertThat(readAll(volume)).isEqualTo(mappings.size() * 3L);
    }
    assertCountsAreExact(source);
  }

  /** Reads in pieces that cross the borders of blocks; counts the words that are not zero. */
  private static long readAll(BlockDevice volume) throws IOException {
    int pieceBytes = (3 << 20) + 4096;
    long count = 0;
    for (long at = 0; at < volume.size(); at += pieceBytes) {
      ByteBuffer piece = ByteBuffer.allocate((int) Math.min(pieceBytes, volume.size() - at));
      volume.read(at, piece);
      for (int i = 0; i < piece.capacity(); i += Long.BYTES) {
        count += piece.getLong(i) == 0 ? 0 : 1;
      }
    }
    return count;
  }

  private static void assertCountsAreExact(PoolSource source) throws IOException {
    try (FileDevice device = FileDevice.openReadOnly(source.metadata())) {
      PoolMetadata metadata = PoolMetadata.open(device, false, 1 << 20);
      References references = References.of(device, metadata);
      assertThat(Counts.of(metadata.metadataSpaceMap())).isEqualTo(references.toMetadata());
      assertThat(Counts.of(metadata.dataSpaceMap())).isEqualTo(references.toData());
    }
  }

  /** Each data block holds its number and the place in it, in every word that is looked at. */
  private static long expected(NavigableMap<Long, Long> mappings, long offset, int blockBytes) {
    Long data = mappings.get(offset / blockBytes);
    return data == null ? 0 : mark(data, offset % blockBytes);
  }

  private static long mark(long dataBlockNr, long within) {
    return (dataBlockNr + 1) << 40 | (within + 1);
  }

  private static long word(BlockDevice device, long offset) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
    device.read(offset, word);
    return word.getLong(0);
  }

  private PoolSource makePool(int sectors, NavigableMap<Long, Long> mappings) throws Exception {
    long blockBytes = sectors * 512L;
    Path data = directory.resolve("data");
    try (FileChannel file =
        FileChannel.open(data, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long block = 0; block < DATA_BLOCKS; block++) {
        for (long within : new long[] {0, blockBytes / 2, blockBytes - 8}) {
          ByteBuffer mark = ByteBuffer.allocate(Long.BYTES).putLong(0, mark(block, within));
          file.write(mark, block * blockBytes + within);
        }
      }
    }
    StringBuilder xml = new StringBuilder();
    xml.append("<superblock uuid=\"\" time=\"0\" transaction=\"1\" flags=\"0\" version=\"2\" ");
    xml.append("data_block_size=\"" + sectors + "\" nr_data_blocks=\"" + DATA_BLOCKS + "\">\n");
    xml.append("<device dev_id=\"7\" mapped_blocks=\"" + mappings.size() + "\" transaction=\"0\" ");
    xml.append("creation_time=\"0\" snap_time=\"0\">\n");
    mappings.forEach(
        (block, at) ->
            xml.append(
                "<single_mapping origin_block=\""
                    + block
                    + "\" data_block=\""
                    + at
                    + "\" time=\"0\"/>\n"));
    xml.append("</device></superblock>\n");
    return PoolSource.files(restore(xml.toString()), data);
  }

  private Path restore(String text) throws Exception {
    assumeFalse(ThinDump.isMissing(), "thin-provisioning-tools are not installed");
    Path xml = Files.writeString(directory.resolve("xml"), text);
    Path metadata = directory.resolve("metadata");
    try (RandomAccessFile file = new RandomAccessFile(metadata.toFile(), "rw")) {
      file.setLength(4 << 20);
    }
    Process restore =
        new ProcessBuilder("thin_restore", "-q", "-i", xml.toString(), "-o", metadata.toString())
            .inheritIO()
            .start();
    assertThat(restore.waitFor()).isZero();
    return metadata;
  }
}
