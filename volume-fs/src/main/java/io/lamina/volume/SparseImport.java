package io.lamina.volume;

import io.lamina.block.FileDevice;
import io.lamina.block.WritableDevice;
import io.lamina.block.Zeroes;
import io.lamina.fs.host.SparseFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Writes an image to a volume that is empty yet, leaving out whatever is zero: whole data blocks of
 * the pool, and of blocks larger than {@value #CHUNK_BYTES} bytes pieces of that size.
 */
public final class SparseImport {
  private static final int CHUNK_BYTES = 4 << 20;

  private final WritableDevice volume;
  private final int blockBytes;

  /** What is written or left out as a whole: a block, or the largest piece of one. */
  private final int unitBytes;

  private final byte[] chunk;
  private final byte[] zeroes;
  private final LongConsumer copied;

  /** The last block that a piece of was written to. */
  private long startedBlockNr = -1;

  /**
   * To a volume.
   *
   * @param blockBytes size of the pool's data blocks: one that is all zeroes is not written
   * @param copied told how many bytes of the image more are done, zeroes too
   */
  public SparseImport(WritableDevice volume, int blockBytes, LongConsumer copied) {
    this.volume = volume;
    this.blockBytes = blockBytes;
    this.unitBytes = Math.min(blockBytes, CHUNK_BYTES);
    this.chunk = new byte[CHUNK_BYTES / unitBytes * unitBytes];
    this.zeroes = new byte[unitBytes];
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
        offset = Math.max(offset, startOfUnit(data));
        long end = Math.min(image.size(), holes.nextHole(data));
        while (offset < end) {
          int count = (int) Math.min(chunkAt(offset), image.size() - offset);
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
      int most = chunkAt(offset);
      int count = in.readNBytes(chunk, 0, most);
      write(offset, count);
      offset += count;
      if (count < most) {
        return offset;
      }
    }
  }

  private long startOfUnit(long offset) {
    long inBlock = offset % blockBytes;
    return offset - inBlock + inBlock / unitBytes * unitBytes;
  }

  /** How much is read at once: whole blocks, or a piece of one that ends with it at the latest. */
  private int chunkAt(long offset) {
    return (int)
        (blockBytes > unitBytes
            ? Math.min(unitBytes, blockBytes - offset % blockBytes)
            : chunk.length);
  }

  /** Writes neighbouring units that are not zero together. */
  private void write(long offset, int count) throws IOException {
    int start = 0;
    while (start < count) {
      int end = start;
      while (end < count && !isZero(end, count)) {
        end = Math.min(count, end + unitBytes);
      }
      if (end > start) {
        startBlock(offset + start);
        volume.write(offset + start, ByteBuffer.wrap(chunk, start, end - start));
      }
      start = Math.min(count, end + unitBytes); // the unit at its end is zero
    }
    copied.accept(count);
  }

  /** Sees to it that the pieces of a block that are left out read as zeroes. */
  private void startBlock(long offset) throws IOException {
    long blockNr = offset / blockBytes;
    if (blockBytes > unitBytes && blockNr != startedBlockNr && !volume.zeroesNewUnits()) {
      long start = blockNr * blockBytes;
      Zeroes.write(volume, start, Math.min(blockBytes, volume.size() - start));
    }
    startedBlockNr = blockNr;
  }

  private boolean isZero(int start, int count) {
    int length = Math.min(unitBytes, count - start);
    return Arrays.equals(chunk, start, start + length, zeroes, 0, length);
  }
}
