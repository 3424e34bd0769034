package io.lamina.thin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.block.OutOfSpaceException;
import io.lamina.source.PoolSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WritablePoolTest {
  private static final int BLOCK_BYTES = 65536;

  @TempDir Path directory;

  static LongStream seeds() {
    return Seeds.all();
  }

  private PoolSource create(int metadataBlocks, int dataBlocks) throws IOException {
    return create(metadataBlocks, dataBlocks, BLOCK_BYTES);
  }

  private PoolSource create(int metadataBlocks, int dataBlocks, int blockBytes) throws IOException {
    size(directory.resolve("metadata"), metadataBlocks * 4096L);
    size(directory.resolve("data"), (long) dataBlocks * blockBytes);
    try (FileDevice metadata =
        FileDevice.openWritable(directory.resolve("metadata"), HolePuncher.NONE)) {
      PoolFormat.create(metadata, blockBytes, dataBlocks);
    }
    return PoolSource.directory(directory);
  }

  private static void size(Path file, long bytes) throws IOException {
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(bytes);
    }
  }

  private static WritablePool open(PoolSource source) throws IOException {
    return WritablePool.open(source, PoolOptions.DEFAULT, WriteOptions.DEFAULT);
  }

  private void check() throws Exception {
    ThinTools.check(directory.resolve("metadata"));
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] read(ThinVolume volume, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    volume.read(offset, ByteBuffer.wrap(bytes));
    return bytes;
  }

  @Test
  void aNewPoolIsEmptyAndSound() throws Exception {
    PoolSource source = create(1024, 100);
    check();
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT)) {
      assertThat(pool.volumes()).isEmpty();
      assertThat(pool.status().dataBlockCount()).isEqualTo(100);
      assertThat(pool.status().usedDataBlocks()).isZero();
    }
  }

  @Test
  void whatIsWrittenIsReadBackAfterOpeningAgain() throws Exception {
    PoolSource source = create(1024, 100);
    try (WritablePool pool = open(source)) {
      pool.createThin(7);
      WritableVolume volume = pool.volume(7).withSize(1L << 40);
      volume.write(123_456, ByteBuffer.wrap(filled(200_000, 5)));
      volume.write((1L << 40) - 10, ByteBuffer.wrap(filled(10, 6)));
      assertThat(pool.status().usedDataBlocks()).isEqualTo(5);
    }
    check();
    try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT)) {
      ThinVolume volume = pool.volume(7);
      assertThat(volume.size()).isEqualTo(1L << 40);
      assertThat(read(volume, 123_455, 3)).containsExactly(0, 5, 5);
      assertThat(read(volume, 323_455, 3)).containsExactly(5, 0, 0);
      assertThat(read(volume, (1L << 40) - 11, 3 - 1)).containsExactly(0, 6);
      assertThat(pool.volumes().get(0).mappedBlocks()).isEqualTo(5);
      assertThat(pool.exclusivelyMappedBlocks(7)).isEqualTo(5);
    }
  }

  @Test
  void aSnapshotKeepsWhatItsOriginHeld() throws Exception {
    PoolSource source = create(1024, 100);
    try (WritablePool pool = open(source)) {
      pool.createThin(0);
      WritableVolume origin = pool.volume(0).withSize(10L * BLOCK_BYTES);
      origin.write(0, ByteBuffer.wrap(filled(3 * BLOCK_BYTES, 1)));
      pool.createSnapshot(1, 0);
      origin.write(100, ByteBuffer.wrap(filled(1, 2)));
      assertThat(pool.status().usedDataBlocks()).isEqualTo(4);
      origin.write(200, ByteBuffer.wrap(filled(1, 2)));
      assertThat(pool.status().usedDataBlocks()).isEqualTo(4);
      assertThat(read(pool.volume(1), 99, 3)).containsExactly(1, 1, 1);
      assertThat(read(origin, 99, 3)).containsExactly(1, 2, 1);
      assertThat(pool.exclusivelyMappedBlocks(0)).isEqualTo(1);
      pool.delete(0);
      pool.commit();
      assertThat(pool.status().usedDataBlocks()).isEqualTo(3);
      assertThat(read(pool.volume(1), 99, 3)).containsExactly(1, 1, 1);
    }
    check();
  }

  @Test
  void aFullPoolRefusesWritesUntilThereIsRoomAgain() throws Exception {
    PoolSource source = create(1024, 10);
    try (WritablePool pool = open(source)) {
      pool.createThin(0);
      WritableVolume volume = pool.volume(0).withSize(100L * BLOCK_BYTES);
      volume.write(0, ByteBuffer.wrap(filled(10 * BLOCK_BYTES, 1)));
      assertThatThrownBy(() -> volume.write(20L * BLOCK_BYTES, ByteBuffer.wrap(filled(1, 1))))
          .isInstanceOf(OutOfSpaceException.class);
      assertThat(pool.status().mode()).isEqualTo(PoolMode.OUT_OF_DATA_SPACE);
      volume.write(5, ByteBuffer.wrap(filled(1, 9)));
      volume.discard(0, 2L * BLOCK_BYTES);
      volume.write(20L * BLOCK_BYTES, ByteBuffer.wrap(filled(BLOCK_BYTES, 3)));
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
      size(directory.resolve("data"), 20L * BLOCK_BYTES);
      pool.growData();
      assertThat(pool.status().dataBlockCount()).isEqualTo(20);
      volume.write(30L * BLOCK_BYTES, ByteBuffer.wrap(filled(10 * BLOCK_BYTES, 4)));
      assertThat(read(volume, 0, 1)).containsExactly(0);
      assertThat(read(volume, 2L * BLOCK_BYTES, 1)).containsExactly(1);
    }
    check();
  }

  @Test
  void metadataGrowWhileThePoolIsOpen() throws Exception {
    PoolSource source = create(1024, 10);
    size(directory.resolve("metadata"), 40_000L * 4096);
    try (WritablePool pool = open(source)) {
      pool.growMetadata();
      assertThat(pool.status().metadataBlockCount()).isEqualTo(40_000);
      pool.createThin(1);
    }
    check();
  }

  @Test
  void anotherWriterIsRefused() throws Exception {
    PoolSource source = create(1024, 10);
    try (WritablePool pool = open(source)) {
      assertThatThrownBy(() -> open(source)).hasMessageContaining("already open for writing");
      assertThat(pool.status().mode()).isEqualTo(PoolMode.WRITE);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void behavesLikeByteArrays(long seed) throws Exception {
    behavesLikeByteArrays(seed, seed % 3 == 2 ? 3 * BLOCK_BYTES : BLOCK_BYTES, 500);
  }

  @ParameterizedTest(name = "blocks of {0} bytes")
  @ValueSource(ints = {128 << 10, 1 << 20})
  void behavesLikeByteArraysWithLargerBlocks(int blockBytes) throws Exception {
    behavesLikeByteArrays(blockBytes, blockBytes, 60);
  }

  private void behavesLikeByteArrays(long seed, int blockBytes, int steps) throws Exception {
    PoolSource source = create(2048, PoolModel.enoughBlocks(), blockBytes);
    PoolModel model = new PoolModel(new Random(seed), blockBytes);
    for (int round = 0; round < 4; round++) {
      try (WritablePool pool = open(source)) {
        for (int i = 0; i < steps; i++) {
          model.step(pool);
        }
        model.verify(pool);
      }
      check();
      if (ThinTools.present()) {
        model.verifyDump(ThinTools.run("/usr/sbin/thin_dump", source.metadata().toString()));
      }
      try (ThinPool pool = ThinPool.open(source, PoolOptions.DEFAULT)) {
        model.verify(pool);
      }
    }
  }
}
