package io.lamina.control;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Frames on a socket: a byte that says the kind, the length in four bytes, the content. Before the
 * first one stands what protocol it is, in both directions.
 *
 * <p>One thread may read while others write.
 */
final class Frames implements Closeable {
  /** The content of a frame is no longer than this. */
  static final int MAX_BYTES = 1 << 17;

  /** Content is sent in pieces of this size. */
  static final int PIECE_BYTES = 1 << 16;

  private static final byte[] GREETING = {'l', 'a', 'm', 'i', 'n', 'a', '1', '\n'};
  private static final int HEAD_BYTES = 5;

  private final SocketChannel channel;
  private final ByteBuffer head = ByteBuffer.allocate(HEAD_BYTES);

  Frames(SocketChannel channel) {
    this.channel = channel;
  }

  /** A frame that came. */
  record Frame(FrameKind kind, ByteBuffer content) {}

  void greet() throws IOException {
    writeAll(ByteBuffer.wrap(GREETING));
  }

  /** Reads the other's greeting. */
  void expectGreeting() throws IOException {
    ByteBuffer found = ByteBuffer.allocate(GREETING.length);
    readAll(found);
    if (!found.equals(ByteBuffer.wrap(GREETING))) {
      throw new IOException("speaks another protocol");
    }
  }

  /** Reads a frame. Waits for it. */
  Frame read() throws IOException {
    head.clear();
    readAll(head);
    FrameKind kind = FrameKind.of(head.get());
    int length = head.getInt();
    if (length < 0 || length > MAX_BYTES) {
      throw new IOException("frame too long: " + Integer.toUnsignedString(length) + " bytes");
    }
    ByteBuffer content = ByteBuffer.allocate(length);
    readAll(content);
    return new Frame(kind, content);
  }

  /** Fills it, and makes it ready to be read from. */
  private void readAll(ByteBuffer target) throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target) < 0) {
        throw new EOFException("the other side has gone away");
      }
    }
    target.flip();
  }

  /** Writes a frame. Waits until it is on its way. */
  synchronized void write(FrameKind kind, ByteBuffer content) throws IOException {
    writeAll(encoded(kind, content));
  }

  private synchronized void writeAll(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** A frame as it goes over the socket. */
  static ByteBuffer encoded(FrameKind kind, ByteBuffer content) {
    ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + content.remaining());
    return bytes.put(kind.code()).putInt(content.remaining()).put(content).flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
