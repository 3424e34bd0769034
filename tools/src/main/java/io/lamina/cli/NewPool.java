package io.lamina.cli;

import io.lamina.block.FileDevice;
import io.lamina.fs.host.SparseFile;
import io.lamina.source.RecordPlace;
import io.lamina.source.VolumeRecord;
import io.lamina.source.VolumeRecords;
import io.lamina.thin.KernelUse;
import io.lamina.thin.PoolFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A pool that is to be made.
 *
 * @param place where records of volumes would be
 * @param overwrite whether what the files hold may be lost
 */
record NewPool(Path metadata, Path data, RecordPlace place, int blockBytes, boolean overwrite) {
  static final int MIN_BLOCK_BYTES = 64 << 10;
  static final int MAX_BLOCK_BYTES = 1 << 30;

  private static final int CHUNK_BYTES = 1 << 20;

  /**
   * Makes it.
   *
   * @param metadataBytes size of a metadata file; 0 chooses one by the size of the data
   * @param dataBytes size of a data file; 0 leaves it as it is
   */
  void create(long metadataBytes, long dataBytes) throws IOException {
    boolean newMetadata = make(metadata);
    boolean newData = false;
    boolean done = false;
    try {
      newData = make(data);
      format(metadataBytes, dataBytes);
      done = true;
    } finally {
      if (!done && newMetadata) {
        Files.deleteIfExists(metadata);
      }
      if (!done && newData) {
        Files.deleteIfExists(data);
      }
    }
  }

  private static boolean make(Path file) throws IOException {
    if (Files.exists(file)) {
      return false;
    }
    Files.createFile(file);
    return true;
  }

  private void format(long metadataBytes, long dataBytes) throws IOException {
    KernelUse.refuse(metadata);
    KernelUse.refuse(data);
    try (FileDevice metadataDevice = FileDevice.openWritable(metadata, new HostPuncher());
        FileDevice dataDevice = FileDevice.openWritable(data, new HostPuncher())) {
      if (!overwrite) {
        requireBlank(metadata, metadataDevice); // which would drop a lock
        requireBlank(data, dataDevice);
      }
      metadataDevice.lock();
      removeRecords();
      resize(data, dataDevice, dataBytes);
      long blockCount = dataDevice.size() / blockBytes;
      if (blockCount == 0) {
        throw new IOException(data + ": too small: has no room for a block of " + blockBytes);
      }
      resize(
          metadata,
          metadataDevice,
          metadataBytes != 0 ? metadataBytes : PoolFormat.metadataBytes(blockCount));
      PoolFormat.create(metadataDevice, blockBytes, blockCount);
    }
  }

  /** A regular file is emptied and then made as long as asked, all of it a hole. */
  private static void resize(Path path, FileDevice device, long bytes) throws IOException {
    if (bytes != 0 && Files.isRegularFile(path)) {
      device.recreate(bytes);
    }
  }

  private static void requireBlank(Path path, FileDevice device) throws IOException {
    byte[] zeroes = new byte[CHUNK_BYTES];
    byte[] chunk = new byte[CHUNK_BYTES];
    try (SparseFile holes = SparseFile.openReadOnly(path)) {
      long offset = 0;
      while (offset < device.size()) {
        offset = holes.nextData(offset);
        if (offset < 0) {
          return;
        }
        int count = (int) Math.min(chunk.length, device.size() - offset);
        device.read(offset, ByteBuffer.wrap(chunk, 0, count));
        if (!Arrays.equals(chunk, 0, count, zeroes, 0, count)) {
          throw new IOException(path + ": is not empty; --force overwrites it");
        }
        offset += count;
      }
    }
  }

  private void removeRecords() throws IOException {
    VolumeRecords records = VolumeRecords.in(place);
    if (!overwrite && !records.all().isEmpty()) {
      throw new IOException(
          records.directory() + ": holds records of volumes; --force removes them");
    }
    for (VolumeRecord volume : List.copyOf(records.all())) {
      records.remove(volume.name());
    }
  }
}
