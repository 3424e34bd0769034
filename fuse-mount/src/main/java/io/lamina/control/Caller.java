package io.lamina.control;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Whoever asked for a command: his standard input, output and error. */
public final class Caller {
  private final Outbox outbox;
  private final Input input = new Input();
  private volatile boolean gone;

  Caller(Outbox outbox) {
    this.outbox = outbox;
  }

  /** His standard input, of which nothing is taken before it is read. */
  public InputStream in() {
    return input;
  }

  /** Where results go. */
  public OutputStream out() {
    return new Output(FrameKind.OUT);
  }

  /** Where complaints and progress go. */
  public OutputStream err() {
    return new Output(FrameKind.ERR);
  }

  /**
   * From now on, whether writing to him may take as long as he takes to read. While others wait for
   * the command it must not.
   */
  public void setMayWait(boolean mayWait) {
    outbox.setMayWait(mayWait);
  }

  /** A piece of his input came; an empty one is its end. */
  void received(ByteBuffer content) throws IOException {
    input.received(content);
  }

  /** He went away. */
  void leave() {
    gone = true;
    input.leave();
  }

  /** What he gives is asked for piece by piece. */
  private final class Input extends InputStream {
    private ByteBuffer piece = ByteBuffer.allocate(0);
    private boolean asked;
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] target, int from, int count) throws IOException {
      if (count == 0) {
        return 0;
      }
      while (!piece.hasRemaining() && !ended) {
        ask();
      }
      if (!piece.hasRemaining()) {
        return -1;
      }
      int taken = Math.min(count, piece.remaining());
      piece.get(target, from, taken);
      return taken;
    }

    private synchronized void ask() throws IOException {
      asked = true;
      outbox.put(Frames.encoded(FrameKind.WANT_INPUT, ByteBuffer.allocate(0)));
      try {
        while (asked && !gone) {
          wait();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
      if (gone) {
        throw new EOFException("the caller has gone away in the middle of his input");
      }
    }

    private synchronized void received(ByteBuffer content) throws IOException {
      if (!asked) {
        throw new IOException("input that nobody asked for");
      }
      asked = false;
      ended = !content.hasRemaining();
      piece = content;
      notifyAll();
    }

    private synchronized void leave() {
      notifyAll();
    }
  }

  /** What goes to him. */
  private final class Output extends OutputStream {
    private final FrameKind kind;

    Output(FrameKind kind) {
      this.kind = kind;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte @Nullable [] bytes, int from, int count) throws IOException {
      for (int done = 0; done < count; done += Frames.PIECE_BYTES) {
        int piece = Math.min(Frames.PIECE_BYTES, count - done);
        outbox.put(Frames.encoded(kind, ByteBuffer.wrap(bytes, from + done, piece)));
      }
    }
  }
}
