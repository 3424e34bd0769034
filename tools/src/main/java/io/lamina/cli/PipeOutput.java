package io.lamina.cli;

import java.io.IOException;
import java.io.OutputStream;

/** Standard output, which may be a pipe that nobody reads any more. */
final class PipeOutput extends OutputStream {
  private final OutputStream out;

  PipeOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int byteCount) throws IOException {
    try {
      out.write(bytes, from, byteCount);
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** The results could not be written. */
  static final class OutputException extends IOException {
    /** What a shell shows for a program that a closed pipe has ended: 128 and SIGPIPE. */
    static final int CLOSED_PIPE = 141;

    private final boolean closedPipe;

    OutputException(IOException cause) {
      super("cannot write the output: " + cause.getMessage(), cause);
      this.closedPipe = String.valueOf(cause.getMessage()).contains("Broken pipe");
    }

    /** Whether only the reader is gone, as at the end of {@code | head}. */
    boolean isClosedPipe() {
      return closedPipe;
    }
  }
}
