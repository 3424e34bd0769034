package io.lamina.layer.archive;

import io.lamina.threads.DaemonThreads;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads a stream ahead, and digests it, in a thread of its own: beside whoever stores what was
 * read. Closing it leaves the stream open. To be used by one thread.
 */
final class DigestedAhead extends InputStream {
  private static final int PIECE_BYTES = 1 << 18;
  private static final int PIECES = 6;

  /**
   * How long somebody who gives up waits for the other thread, which may be reading a slow pipe.
   */
  private static final long PATIENCE_MILLIS = 1000;

  /** Never full: there are only so many pieces. */
  private final BlockingQueue<Piece> read = new ArrayBlockingQueue<>(PIECES);

  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(PIECES);
  private final Thread reader;
  private volatile boolean closed;
  private Piece current = new Piece(new byte[PIECE_BYTES], 0, false, null);

  /** A part of the stream. */
  private static final class Piece {
    final byte[] bytes;
    final int length;
    final boolean isLast;

    /** Why it is the last; null where the stream ends there. */
    final @Nullable Throwable failure;

    int position;

    Piece(byte[] bytes, int length, boolean isLast, @Nullable Throwable failure) {
      this.bytes = bytes;
      this.length = length;
      this.isLast = isLast;
      this.failure = failure;
    }
  }

  /**
   * Begins to read.
   *
   * @param digest gets all that is read; to be asked when the end was met
   */
  DigestedAhead(InputStream in, MessageDigest digest) {
    for (int i = 1; i < PIECES; i++) {
      free.add(new byte[PIECE_BYTES]);
    }
    reader = DaemonThreads.thread("read ahead", () -> readAll(in, digest));
    reader.start();
  }

  private void readAll(InputStream in, MessageDigest digest) {
    boolean isLast = false;
    while (!isLast) {
      Piece piece = next(in, digest);
      isLast = piece.isLast;
      read.add(piece);
    }
  }

  private Piece next(InputStream in, MessageDigest digest) {
    try {
      byte[] bytes = free.take();
      int length = closed ? 0 : in.readNBytes(bytes, 0, bytes.length);
      digest.update(bytes, 0, length);
      return new Piece(bytes, length, closed || length < bytes.length, null);
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      return new Piece(new byte[0], 0, true, e);
    }
  }

  @Override
  public int read() throws IOException {
    return isAtEnd() ? -1 : current.bytes[current.position++] & 0xff;
  }

  @Override
  public int read(byte[] target, int from, int length) throws IOException {
    Objects.checkFromIndexSize(from, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (isAtEnd()) {
      return -1;
    }
    int count = Math.min(length, current.length - current.position);
    System.arraycopy(current.bytes, current.position, target, from, count);
    current.position += count;
    return count;
  }

  /** Whether there is no more; takes the next piece where one is needed. */
  private boolean isAtEnd() throws IOException {
    while (current.position == current.length) {
      if (current.isLast) {
        throwFailure();
        return true;
      }
      free.add(current.bytes);
      try {
        current = read.take();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    return false;
  }

  private void throwFailure() throws IOException {
    Throwable failure = current.failure;
    if (failure instanceof IOException problem) {
      throw problem;
    } else if (failure instanceof RuntimeException bug) {
      throw bug;
    } else if (failure instanceof Error error) {
      throw error;
    } else if (failure != null) {
      throw new IOException("interrupted", failure);
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    Piece unread = read.poll();
    free.offer(unread == null ? new byte[0] : unread.bytes); // it may be waiting for one
    try {
      reader.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
