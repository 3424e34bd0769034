package io.lamina.images;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** Writes files in which what is zero takes no space. */
final class SparseFiles {
  private static final int BLOCK_BYTES = 4096;
  private static final int CHUNK_BYTES = 256 * BLOCK_BYTES;
  private static final byte[] ZEROES = new byte[BLOCK_BYTES];

  private SparseFiles() {}

  /** Makes a new, empty file this long. */
  static void setSize(FileChannel file, long size) throws IOException {
    if (size > 0) {
      file.write(ByteBuffer.wrap(ZEROES, 0, 1), size - 1);
    }
  }

  /** Writes the next {@code length} bytes of a stream to {@code offset}, blocks of zeroes not. */
  static void write(InputStream source, FileChannel file, long offset, long length)
      throws IOException {
    byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, length)];
    for (long done = 0; done < length; ) {
      int wanted = (int) Math.min(chunk.length, length - done);
      int count = source.readNBytes(chunk, 0, wanted);
      if (count < wanted) {
        throw new EOFException("ends " + (length - done - count) + " bytes early");
      }
      writeData(chunk, count, file, offset + done);
      done += count;
    }
  }

  /** Writes the runs of blocks that are not all zero. */
  private static void writeData(byte[] chunk, int count, FileChannel file, long offset)
      throws IOException {
    int from = 0;
    while (from < count) {
      while (from < count && isZero(chunk, from, count)) {
        from += BLOCK_BYTES;
      }
      int to = from;
      while (to < count && !isZero(chunk, to, count)) {
        to += BLOCK_BYTES;
      }
      if (from < count) {
        ByteBuffer run = ByteBuffer.wrap(chunk, from, Math.min(to, count) - from);
        for (long at = offset + from; run.hasRemaining(); ) {
          at += file.write(run, at);
        }
      }
      from = to;
    }
  }

  private static boolean isZero(byte[] chunk, int from, int count) {
    int length = Math.min(BLOCK_BYTES, count - from);
    return Arrays.equals(chunk, from, from + length, ZEROES, 0, length);
  }

  /** Copies a whole file. */
  static void copy(Path source, Path target) throws IOException {
    copy(source, 0, source.toFile().length(), target);
  }

  /** Copies a range of a file into a new one. */
  static void copy(Path source, long offset, long length, Path target) throws IOException {
    try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ);
        FileChannel to =
            FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      setSize(to, length);
      byte[] chunk = new byte[CHUNK_BYTES];
      for (long done = 0; done < length; ) {
        int wanted = (int) Math.min(chunk.length, length - done);
        int count = from.read(ByteBuffer.wrap(chunk, 0, wanted), offset + done);
        if (count < 0) {
          throw new EOFException(source + " ends at " + (offset + done));
        }
        writeData(chunk, count, to, done);
        done += count;
      }
    }
  }
}
