package io.lamina.control;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/** Has a command run by the process that has a pool open. */
public final class ControlClient implements Closeable {
  private final Frames frames;

  private ControlClient(Frames frames) {
    this.frames = frames;
  }

  /**
   * The process that takes commands for a pool.
   *
   * @param metadata the pool's metadata
   * @return nothing where no process does; also where one was killed and left its socket
   */
  public static Optional<ControlClient> find(Path metadata) throws IOException {
    for (UnixDomainSocketAddress address : SocketPlace.existing(metadata)) {
      try {
        return Optional.of(new ControlClient(new Frames(SocketChannel.open(address))));
      } catch (ConnectException e) {
        // Nobody listens: its process was killed. The next mount of the pool removes it.
      }
    }
    return Optional.empty();
  }

  /**
   * Has a command run, to its end.
   *
   * @param in read only as far as the command asks for it
   * @return its exit code
   * @throws IOException when the other process ended before the command did
   */
  public int call(Call call, InputStream in, OutputStream out, OutputStream err)
      throws IOException {
    try {
      frames.greet();
      frames.write(FrameKind.CALL, call.encoded());
      frames.expectGreeting();
    } catch (IOException e) {
      throw new IOException(
          "the process that has the pool mounted takes no command: " + e.getMessage(), e);
    }
    while (true) {
      Frames.Frame frame = read();
      ByteBuffer content = frame.content();
      switch (frame.kind()) {
        case OUT -> write(content, out);
        case ERR -> {
          write(content, err);
          err.flush();
        }
        case WANT_INPUT -> {
          byte[] piece = in.readNBytes(Frames.PIECE_BYTES);
          frames.write(FrameKind.INPUT, ByteBuffer.wrap(piece));
        }
        case EXIT -> {
          out.flush();
          return content.getInt();
        }
        default -> throw new IOException("the process that has the pool mounted is not ours");
      }
    }
  }

  private Frames.Frame read() throws IOException {
    try {
      return frames.read();
    } catch (IOException e) {
      throw new IOException(
          "the process that has the pool mounted has gone, or was ended: " + e.getMessage(), e);
    }
  }

  private static void write(ByteBuffer content, OutputStream out) throws IOException {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    out.write(bytes);
  }

  @Override
  public void close() throws IOException {
    frames.close();
  }
}
