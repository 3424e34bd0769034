package io.lamina.ext4;

import io.lamina.block.WritableDevice;
import io.lamina.source.PoolSource;
import io.lamina.thin.PoolFormat;
import io.lamina.thin.PoolOptions;
import io.lamina.thin.WritablePool;
import io.lamina.thin.WritableVolume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A pool whose metadata and data lie behind each other, with a volume and a snapshot of it. */
final class PoolMedium implements Medium {
  private static final int BLOCK_BYTES = 64 << 10;
  private static final int METADATA_BYTES = 1 << 20;
  private static final int DATA_BYTES = 32 << 20;
  private static final int VOLUME = 1;
  private static final int SNAPSHOT = 2;

  private final long volumeBytes;

  PoolMedium(long volumeBytes) {
    this.volumeBytes = volumeBytes;
  }

  /** Such a pool, in whose volume an image was written as far as it is not zero. */
  static byte[] holding(byte[] image) throws IOException {
    RecordingDevice device = new RecordingDevice(new byte[METADATA_BYTES + DATA_BYTES]);
    PoolFormat.create(device.part(0, METADATA_BYTES), BLOCK_BYTES, DATA_BYTES / BLOCK_BYTES);
    try (WritablePool pool = pool(device)) {
      pool.createThin(VOLUME);
      WritableVolume volume = pool.volume(VOLUME).withSize(image.length);
      for (int at = 0; at < image.length; at += BLOCK_BYTES) {
        byte[] block = Arrays.copyOfRange(image, at, at + BLOCK_BYTES);
        if (!Arrays.equals(block, new byte[BLOCK_BYTES])) {
          volume.write(at, ByteBuffer.wrap(block));
        }
      }
      pool.createSnapshot(SNAPSHOT, VOLUME);
    }
    byte[] content = new byte[METADATA_BYTES + DATA_BYTES];
    device.read(0, ByteBuffer.wrap(content));
    return content;
  }

  private static WritablePool pool(RecordingDevice device) throws IOException {
    WritableDevice metadata = device.part(0, METADATA_BYTES);
    WritableDevice data = device.part(METADATA_BYTES, DATA_BYTES);
    PoolSource source = PoolSource.files(Path.of("metadata"), Path.of("data"));
    return WritablePool.open(
        source, metadata, data, PoolOptions.DEFAULT, io.lamina.thin.WriteOptions.DEFAULT);
  }

  @Override
  public Opened open(RecordingDevice device) throws IOException {
    WritablePool pool = pool(device);
    return new Opened(pool.volume(VOLUME).withSize(volumeBytes), pool::close);
  }

  /** The pool is looked through by thin_check, too. */
  @Override
  public byte[] volume(byte[] content) throws IOException {
    Path metadata = Files.createTempFile("metadata", ".img");
    try {
      Files.write(metadata, Arrays.copyOf(content, METADATA_BYTES));
      if (Tools.isThere("thin_check")) {
        Tools.run(0, "", "thin_check", "-q", metadata.toString());
      }
    } finally {
      Files.delete(metadata);
    }
    try (Opened opened = open(new RecordingDevice(content))) {
      ByteBuffer bytes = ByteBuffer.allocate((int) volumeBytes);
      opened.volume().read(0, bytes);
      return bytes.array();
    }
  }
}
