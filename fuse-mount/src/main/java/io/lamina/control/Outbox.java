package io.lamina.control;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way to a caller. Who puts something in waits when much is there already, but not
 * while it must not, because others wait for him: what is too much for memory then goes through a
 * file.
 *
 * <p>One thread takes out, any may put in.
 */
final class Outbox implements Closeable {
  private static final int MAX_MEMORY_BYTES = 1 << 20;

  private final Queue<ByteBuffer> memory = new ArrayDeque<>();
  private long memoryBytes;
  private @Nullable FileChannel file;
  private long fileStart;
  private long fileEnd;
  private boolean mayWait = true;
  private boolean finished;
  private boolean broken;

  /** Whether whoever puts something in may be made to wait. */
  synchronized void setMayWait(boolean mayWait) {
    this.mayWait = mayWait;
  }

  /**
   * Puts something in, which is not to be changed afterwards.
   *
   * @throws IOException when nobody takes it any more
   */
  synchronized void put(ByteBuffer bytes) throws IOException {
    try {
      while (mayWait && !broken && memoryBytes + fileEnd - fileStart >= MAX_MEMORY_BYTES) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    if (broken) {
      throw new IOException("the caller has gone away");
    }
    if (fileEnd > fileStart || memoryBytes >= MAX_MEMORY_BYTES) {
      append(bytes);
    } else {
      memory.add(bytes);
      memoryBytes += bytes.remaining();
    }
    notifyAll();
  }

  private void append(ByteBuffer bytes) throws IOException {
    FileChannel open = file;
    if (open == null) {
      Path path = Files.createTempFile("lamina-", ".out");
      open =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      file = open;
    }
    while (bytes.hasRemaining()) {
      fileEnd += open.write(bytes, fileEnd);
    }
  }

  /** Takes out what comes next; null after {@link #finish} when all is taken. */
  synchronized @Nullable ByteBuffer take() throws IOException {
    try {
      while (memory.isEmpty() && fileStart == fileEnd && !finished && !broken) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    ByteBuffer next = broken ? null : memory.poll();
    if (next != null) {
      memoryBytes -= next.remaining();
    } else if (!broken && fileStart < fileEnd) {
      next = fromFile();
    }
    notifyAll();
    return next;
  }

  private ByteBuffer fromFile() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(Frames.PIECE_BYTES, fileEnd - fileStart));
    FileChannel open = file;
    while (open != null && bytes.hasRemaining()) {
      fileStart += open.read(bytes, fileStart);
    }
    if (open != null && fileStart == fileEnd) {
      fileStart = 0;
      fileEnd = 0;
      open.truncate(0);
    }
    return bytes.flip();
  }

  /** Nothing more comes. */
  synchronized void finish() {
    finished = true;
    notifyAll();
  }

  /** Nobody takes anything any more. */
  @Override
  public synchronized void close() throws IOException {
    broken = true;
    notifyAll();
    if (file != null) {
      file.close();
    }
  }
}
