package io.lamina.volume;

import io.lamina.block.FileDevice;
import io.lamina.block.WritableDevice;
import io.lamina.fs.host.SparseFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** Writes an image to a volume that is empty yet, leaving out whatever is zero. */
public final class SparseImport {
  private static final int MIN_CHUNK_BYTES = 4 << 20;

  private final WritableDevice volume;
  private final int blockBytes;
  private final byte[] chunk;
  private final byte[] zeroes;
  private final LongConsumer copied;

  /**
   * To a volume.
   *
   * @param blockBytes size of the pool's data blocks: one that is all zeroes is not written
   * @param copied told how many bytes of the image more are done, zeroes too
   */
  public SparseImport(WritableDevice volume, int blockBytes, LongConsumer copied) {
    this.volume = volume;
    this.blockBytes = blockBytes;
    this.chunk = new byte[Math.max(1, MIN_CHUNK_BYTES / blockBytes) * blockBytes];
    this.zeroes = new byte[blockBytes];
    this.copied = copied;
  }

  /** How much of a file or a block device lies in no hole, in bytes. */
  public static long dataBytes(Path path) throws IOException {
    try (FileDevice image = FileDevice.openReadOnly(path);
        SparseFile holes = SparseFile.openReadOnly(path)) {
      long bytes = 0;
      long data = holes.nextData(0);
      while (data >= 0 && data < image.size()) {
        long end = Math.min(image.size(), holes.nextHole(data));
        bytes += end - data;
        data = holes.nextData(end);
      }
      return bytes;
    }
  }

  /** Copies a file or a block device; holes are not even read. Gives its size. */
  public long file(Path path) throws IOException {
    try (FileDevice image = FileDevice.openReadOnly(path);
        SparseFile holes = SparseFile.openReadOnly(path)) {
      long offset = 0;
      while (offset < image.size()) {
        long data = holes.nextData(offset);
        if (data < 0) {
          break;
        }
        offset = data / blockBytes * blockBytes;
        long end = Math.min(image.size(), holes.nextHole(data));
        while (offset < end) {
          int count = (int) Math.min(chunk.length, image.size() - offset);
          image.read(offset, ByteBuffer.wrap(chunk, 0, count));
          write(offset, count);
          offset += count;
        }
      }
      return image.size();
    }
  }

  /** Copies what a stream gives until its end. Gives how much that was. */
  public long stream(InputStream in) throws IOException {
    long offset = 0;
    while (true) {
      int count = in.readNBytes(chunk, 0, chunk.length);
      write(offset, count);
      offset += count;
      if (count < chunk.length) {
        return offset;
      }
    }
  }

  /** Writes neighbouring blocks that are not zero together. */
  private void write(long offset, int count) throws IOException {
    int start = 0;
    while (start < count) {
      int end = start;
      while (end < count && !isZero(end, count)) {
        end = Math.min(count, end + blockBytes);
      }
      if (end > start) {
        volume.write(offset + start, ByteBuffer.wrap(chunk, start, end - start));
      }
      start = Math.min(count, end + blockBytes); // the block at its end is zero
    }
    copied.accept(count);
  }

  private boolean isZero(int start, int count) {
    int length = Math.min(blockBytes, count - start);
    return java.util.Arrays.equals(chunk, start, start + length, zeroes, 0, length);
  }
}
