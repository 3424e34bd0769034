package io.lamina.ext4;

import static org.assertj.core.api.Assertions.assertThat;

import io.lamina.block.FileDevice;
import io.lamina.block.HolePuncher;
import io.lamina.block.WritableDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.ThinPool;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WritableVolume;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A pool in two files, whose volumes hold images. */
public final class ThinImages implements Closeable {
  static final int BLOCK_BYTES = 64 << 10;

  private static final int METADATA_BYTES = 4 << 20;

  private final PoolSource source;
  private final long volumeBytes;
  private final WritablePool pool;

  /** Makes a pool; all its volumes have one size. */
  public ThinImages(Path directory, long dataBytes, long volumeBytes) throws IOException {
    this.source =
        PoolSource.files(
            sparse(directory.resolve("metadata"), METADATA_BYTES),
            sparse(directory.resolve("data"), dataBytes));
    this.volumeBytes = volumeBytes;
    try (WritableDevice metadata = FileDevice.openWritable(source.metadata(), HolePuncher.NONE)) {
      PoolFormat.create(metadata, BLOCK_BYTES, dataBytes / BLOCK_BYTES);
    }
    this.pool = WritablePool.open(source, PoolOptions.DEFAULT, io.lamina.thin.WriteOptions.DEFAULT);
  }

  private static Path sparse(Path file, long size) throws IOException {
    Files.deleteIfExists(file);
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(size);
    }
    return file;
  }

  WritablePool pool() {
    return pool;
  }

  /** A new volume with what an image holds, as far as it is not zero. */
  public void add(int id, Path image) throws IOException {
    pool.createThin(id);
    WritableVolume volume = volume(id);
    try (FileDevice from = FileDevice.openReadOnly(image)) {
      byte[] block = new byte[BLOCK_BYTES];
      for (long at = 0; at < volumeBytes; at += BLOCK_BYTES) {
        from.read(at, ByteBuffer.wrap(block));
        if (!Arrays.equals(block, new byte[BLOCK_BYTES])) {
          volume.write(at, ByteBuffer.wrap(block));
        }
      }
    }
  }

  WritableVolume volume(int id) throws IOException {
    return pool.volume(id).withSize(volumeBytes);
  }

  public Ext4 open(int id) throws IOException {
    Ext4 opened = Ext4.openWritable(volume(id), WriteOptions.DEFAULT);
    assertThat(opened.readOnlyReason()).isNull();
    return opened;
  }

  /** After {@link #close}: writes what a volume holds to a file, as far as it is mapped. */
  void export(int id, Path image) throws IOException {
    sparse(image, volumeBytes);
    try (ThinPool closed = ThinPool.open(source, PoolOptions.DEFAULT);
        WritableDevice to = FileDevice.openWritable(image, HolePuncher.NONE)) {
      byte[] block = new byte[BLOCK_BYTES];
      for (long at = 0; at < volumeBytes; at += BLOCK_BYTES) {
        closed.volume(id).withSize(volumeBytes).read(at, ByteBuffer.wrap(block));
        if (!Arrays.equals(block, new byte[BLOCK_BYTES])) {
          to.write(at, ByteBuffer.wrap(block));
        }
      }
    }
  }

  /** After {@link #close}: lets thin_check look at the pool, and e2fsck at a volume. */
  public void check(int id, Path scratch) throws IOException {
    if (Tools.isThere("thin_check")) {
      Tools.run(0, "", "thin_check", "-q", source.metadata().toString());
    }
    export(id, scratch);
    Tools.run(0, "", "e2fsck", "-fn", scratch.toString());
  }

  @Override
  public void close() throws IOException {
    pool.close();
  }
}
