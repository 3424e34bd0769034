package io.lamina.layer;

import io.lamina.threads.DaemonThreads;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** An archive that one thread writes while another reads it. */
final class PipedTar implements Closeable {
  private static final int PIPE_BYTES = 1 << 20;

  private final PipedInputStream in;
  private final FutureTask<@Nullable Void> writing;

  /** Writes an archive. */
  @FunctionalInterface
  interface Work {
    /** Writes all of it. */
    void writeTo(OutputStream out) throws IOException;
  }

  private PipedTar(PipedInputStream in, FutureTask<@Nullable Void> writing) {
    this.in = in;
    this.writing = writing;
  }

  /** Begins with the writing. */
  static PipedTar of(Work work) throws IOException {
    PipedInputStream in = new PipedInputStream(PIPE_BYTES);
    PipedOutputStream pipe = new PipedOutputStream(in);
    FutureTask<@Nullable Void> writing =
        new FutureTask<>(
            () -> {
              try (OutputStream out = new BufferedOutputStream(pipe, 1 << 16)) {
                work.writeTo(out);
              }
              return null;
            });
    DaemonThreads.thread("tar", writing).start();
    return new PipedTar(in, writing);
  }

  /** What is written. */
  InputStream in() {
    return in;
  }

  /**
   * To be called when all was read.
   *
   * @throws IOException what the writing failed with
   */
  void finish() throws IOException {
    try {
      writing.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** The writer gets an error where it has not ended; after this it reads nothing more. */
  @Override
  public void close() throws IOException {
    in.close();
    try {
      writing.get();
    } catch (ExecutionException e) {
      // Who wanted to know has called finish.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
