package io.lamina.cli;

import io.lamina.block.BlockDevice;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Writes a volume out as an image. */
final class SparseExport {
  private static final int CHUNK_BYTES = 1 << 20;
  private static final int PAGE_BYTES = 4096;

  private final BlockDevice volume;
  private final CopyProgress progress;
  private final byte[] chunk = new byte[CHUNK_BYTES];
  private final byte[] zeroes = new byte[PAGE_BYTES];

  SparseExport(BlockDevice volume, CopyProgress progress) {
    this.volume = volume;
    this.progress = progress;
  }

  /** All of it, zeroes too. */
  void stream(OutputStream out) throws IOException {
    progress.expect(volume.size());
    for (long offset = 0; offset < volume.size(); offset += CHUNK_BYTES) {
      int count = read(offset, volume.size());
      out.write(chunk, 0, count);
    }
  }

  /**
   * To a file, which gets holes where there is nothing; to a block device, all of it.
   *
   * @param replace whether a regular file that is there already may lose what it holds
   * @param dataBytes about how much the volume holds, for the progress alone
   */
  void file(Path path, boolean replace, long dataBytes) throws IOException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      try (OutputStream out = Files.newOutputStream(path, StandardOpenOption.WRITE)) {
        stream(out);
      }
      return;
    }
    if (Files.exists(path) && !replace) {
      throw new IOException(path + ": exists already; --force replaces what it holds");
    }
    progress.expect(dataBytes);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(0);
      file.setLength(volume.size());
      ranges(file.getChannel());
      file.getChannel().force(true);
    }
  }

  private void ranges(FileChannel out) throws IOException {
    long offset = volume.nextData(0);
    while (offset < volume.size()) {
      long end = volume.nextHole(offset);
      while (offset < end) {
        int count = read(offset, end);
        pages(out, offset, count);
        offset += count;
      }
      offset = volume.nextData(end);
    }
  }

  private int read(long offset, long end) throws IOException {
    int count = (int) Math.min(chunk.length, end - offset);
    volume.read(offset, ByteBuffer.wrap(chunk, 0, count));
    progress.copied(count);
    return count;
  }

  private void pages(FileChannel out, long offset, int count) throws IOException {
    int start = 0;
    while (start < count) {
      int end = start;
      while (end < count && !isZero(end, count)) {
        end = Math.min(count, end + PAGE_BYTES);
      }
      ByteBuffer bytes = ByteBuffer.wrap(chunk, start, end - start);
      long position = offset + start;
      while (bytes.hasRemaining()) {
        position += out.write(bytes, position);
      }
      start = Math.min(count, end + PAGE_BYTES);
    }
  }

  private boolean isZero(int start, int count) {
    int length = Math.min(PAGE_BYTES, count - start);
    return Arrays.equals(chunk, start, start + length, zeroes, 0, length);
  }
}
